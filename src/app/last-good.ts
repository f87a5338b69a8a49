import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** The text of the file that was right the last time; what it means is for the loader to say. Undefined: none was kept. */
export async function readLastGood(file: string, system: System): Promise<string | undefined> {
  try {
    return await system.readFile(file)
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Keeps the text for a start without a right file; resolves to why that cannot be. Writes only what is news. */
export async function keepLastGood(
  file: string,
  text: string,
  system: System,
): Promise<SystemError | undefined> {
  if ((await readLastGood(file, system)) === text) return undefined
  try {
    await system.writeFile(file, text)
    return undefined
  } catch (error) {
    if (error instanceof SystemError) return error
    throw error
  }
}
