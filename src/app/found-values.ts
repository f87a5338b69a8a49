import type { PlannedChange } from '../engine/types.ts'
import { isSettings, readSettings, type FoundValues } from '../model/found-settings.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** Keeps the value of each setting that the changes will write and that was never kept; before the first is written. */
export async function keepFound(
  file: string,
  changes: readonly PlannedChange[],
  system: System,
): Promise<void> {
  const names = changes.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.tool === 'sysctl' ? [step.name] : [])),
  )
  if (names.length === 0) return
  // What cannot be read is told, and not written over.
  const text = await system.readFile(file).catch(notFound)
  const known = readSettings(text)
  if (text !== undefined && !isSettings(text)) await system.writeFile(`${file}.damaged`, text)
  const missing = names.filter((name) => !Object.hasOwn(known, name))
  const found: Record<string, string> = { ...known }
  for (const name of missing) {
    const value = await system.readSysctl(name).catch(absent)
    if (value !== undefined) found[name] = value
  }
  if (missing.some((name) => Object.hasOwn(found, name))) {
    await system.writeFile(file, `${JSON.stringify(found, undefined, 2)}\n`)
  }
}

/** What was found first; empty when the file is absent or not what we wrote (then `teardown` leaves settings alone). */
export async function readFound(file: string, system: System): Promise<FoundValues> {
  return readSettings(await system.readFile(file).catch(absent))
}

function absent(error: unknown): undefined {
  if (error instanceof SystemError) return undefined
  throw error
}

function notFound(error: unknown): undefined {
  if (!(error instanceof SystemError) || error.code !== 'not-found') throw error
}
