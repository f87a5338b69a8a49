import { problemOfError } from '../engine/problems.ts'
import type { Problem } from '../engine/types.ts'
import type { SystemError } from '../system/errors.ts'
import type { Fault } from './condition.ts'
import type { Monitor } from './monitor.ts'

/**
 * nft 1.0.6 dies of changed elements of sets that have both concatenations and ranges, which it reads wrongly (SIGSEGV,
 * or `Memory allocation failure`); 1.1.3 does not.
 */
export function isCrash({ code, detail }: SystemError): boolean {
  if (detail.includes('Memory allocation failure')) return true
  return code === 'crashed' && !/SIG(?:HUP|INT|KILL|TERM)/.test(detail)
}

/** Why it ended, and what that costs. */
export function endProblem(error: SystemError, monitor: Pick<Monitor, 'argv' | 'unheard'>): Problem {
  const ofTheHost = isOfTheHost(error) ? problemOfError(error, 'observe') : undefined
  const hint = monitor.argv[0] === 'nft' && isOwnDoing(error) ? CRASH_HINT : ofTheHost?.hint
  const message = `${ofTheHost?.message ?? error.message}; until it runs again, ${monitor.unheard}`
  return { code: 'S64-W002', message, ...(hint !== undefined && { hint }) }
}

/** Why it was killed, and what that costs. */
export function faultProblem(fault: Fault, { argv, unheard }: Pick<Monitor, 'argv' | 'unheard'>): Problem {
  const [what, hint] = FAULTS[fault]
  const message = `${argv.join(' ')}: ${what}; it is killed and started again, and until it is heard, ${unheard}`
  return { code: 'S64-W002', message, hint }
}

const LOADED_HINT = 'look at what stands before it in PATH, and at the load of this machine'
const FAULTS: Readonly<Record<Fault, readonly [string, string]>> = {
  stopped: ['is stopped', 'find who stops it (SIGSTOP, a debugger)'],
  unsubscribed: ['has not subscribed to what the kernel tells', LOADED_HINT],
  deaf: ['does not tell of a change that was made for it to hear', LOADED_HINT],
  starved: ['does not read what the kernel tells it', LOADED_HINT],
}

/** Nobody sent it a signal to end it. */
function isOwnDoing({ detail }: SystemError): boolean {
  return /SIG(?:SEGV|ABRT)|Memory allocation failure/.test(detail)
}

const CRASH_HINT =
  'nft 1.0.6 does that when elements of sets with ranges change; it is started again each time, and a newer nft first in PATH does not do it'

function isOfTheHost({ code }: SystemError): boolean {
  return code === 'missing-tool' || code === 'denied'
}
