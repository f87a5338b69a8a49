import type { PlannedChange } from '../engine/types.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** Values by path below /proc/sys, as they were before slash64 wrote there for the first time. */
export type FoundValues = Readonly<Record<string, string>>

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
  const known = await readFound(file, system)
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
  const text = await system.readFile(file).catch(absent)
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
    return Object.fromEntries(entries.filter(isSetting))
  } catch {
    return {}
  }
}

function isSetting(entry: [string, unknown]): entry is [string, string] {
  return /^net\/[\w./@-]+$/.test(entry[0]) && !entry[0].includes('..') && typeof entry[1] === 'string'
}

function absent(error: unknown): undefined {
  if (error instanceof SystemError) return undefined
  throw error
}
