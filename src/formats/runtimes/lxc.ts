import { SystemError } from '../../system/errors.ts'
import { foundBy, UNKNOWN_TO_IT } from './types.ts'
import type { Found } from './types.ts'

/** States in which a container has its network, and keeps it (lxc_state_t; LXC 5.0). */
const RUNS = new Set(['RUNNING', 'FREEZING', 'FROZEN', 'THAWED'])
const OTHERS = ['STOPPED', 'STARTING', 'STOPPING', 'ABORTING']

/** Reads `lxc-info -H -s -p -n NAME`; throws `garbled` when it is not that. It calls a container unknown on standard error. */
export function parseLxcInfo(text: string, name: string): Found {
  if (text.split('\n').some((line) => line.trim() === `${name} doesn't exist`))
    return { state: 'absent', why: UNKNOWN_TO_IT }
  const state = /^State:\s*([A-Z]+)\s*$/m.exec(text)?.[1] ?? ''
  const pid = /^PID:\s*(\d+)\s*$/m.exec(text)?.[1]
  // Its process may end between the two questions: then there is no number.
  if (RUNS.has(state)) return foundBy(Number(pid ?? 0), state.toLowerCase())
  if (OTHERS.includes(state)) return { state: 'absent', why: state.toLowerCase() }
  const detail = `not what it prints: ${JSON.stringify(text.trim().slice(0, 120))}`
  throw new SystemError({ code: 'garbled', subject: `lxc-info -n ${name}`, detail })
}

/** A line of `lxc-monitor`, `'blog' changed state to [RUNNING]` → the container's name; undefined for anything else. */
export function readLxcEvent(line: string): string | undefined {
  return /^'([^']+)' changed state to \[(?:RUNNING|STOPPED)\]$/.exec(line)?.[1]
}
