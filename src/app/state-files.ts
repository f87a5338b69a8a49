import { canonicalJson } from '../engine/canonical-json.ts'
import type { AppliedRecord } from '../engine/types.ts'
import { FOUND_FILE } from '../model/found-settings.ts'
import { ACCEPTED } from '../facts/accepted.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** The files of the state directory. None of them is ever trusted about the host. */
export interface StateFiles {
  /** Sysctl values that were found first, for `teardown`. */
  readonly found: string
  /** What the last pass wanted and reached, for telling `drift` from `config` in a plan. */
  readonly applied: string
  /** Connections that are still to be ended. */
  readonly revocations: string
  /** network.yaml as it was when it was right the last time: for a controller that starts without a right one. */
  readonly lastGood: string
  /** What was enforced last, with every default filled in: it stays where a file is refused. */
  readonly accepted: string
}

export function stateFiles(stateDir: string): StateFiles {
  return {
    found: `${stateDir}/${FOUND_FILE}`,
    applied: `${stateDir}/applied.json`,
    revocations: `${stateDir}/revocations.json`,
    lastGood: `${stateDir}/last-good.yaml`,
    accepted: `${stateDir}/${ACCEPTED.file}`,
  }
}

/** The record; empty when there is none, or it cannot be read or is damaged: it is for people only. */
export async function readRecord(file: string, system: System): Promise<AppliedRecord> {
  try {
    const value: unknown = JSON.parse(await system.readFile(file))
    return isRecord(value) ? value : {}
  } catch (error) {
    if (error instanceof SystemError || error instanceof SyntaxError) return {}
    throw error
  }
}

function isRecord(value: unknown): value is AppliedRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(
    (kind) => typeof kind === 'object' && kind !== null && !Array.isArray(kind),
  )
}

/** Keeps what was reached. Writes only what is news. */
export async function keepRecord(
  file: string,
  reached: AppliedRecord,
  before: AppliedRecord,
  system: System,
): Promise<void> {
  const text = canonicalJson(reached)
  if (text !== canonicalJson(before)) await system.writeFile(file, `${text}\n`)
}
