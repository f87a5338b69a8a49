import { acceptedText } from '../facts/accepted.ts'
import type { Model } from '../model/types.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

const written = new WeakMap<Model, string>()

/** Whether this process has written it already: one model is enforced in many passes. */
export function isAccepted(model: Model, file: string): boolean {
  return written.get(model) === file
}

/** Keeps what was enforced, for passes in which a part of the file is refused. Writes only what is news. */
export async function writeAccepted(file: string, model: Model, system: System): Promise<void> {
  const text = acceptedText(model)
  const known = await system.readFile(file).catch(absent)
  if (known !== text) await system.writeFile(file, text)
  written.set(model, file)
}

function absent(error: unknown): undefined {
  if (!(error instanceof SystemError)) throw error
}
