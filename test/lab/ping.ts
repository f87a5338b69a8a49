import type { Result } from './process.ts'

/** What `ping` (iputils) saw. */
export interface Ping {
  readonly received: number
  /** Round trip of the first answer in milliseconds; undefined when none came. */
  readonly firstMs: number | undefined
  /** Somebody on the way said that the address cannot be reached. */
  readonly unreachable: boolean
  /** A packet went round until its hop limit was used up. */
  readonly looped: boolean
}

const NOTHING_SENT: Ping = { received: 0, firstMs: undefined, unreachable: true, looped: false }

/** Reads iputils' output under LC_ALL=C. */
export function parsePing(result: Result): Ping {
  const text = result.stdout
  // With an unreachable route of one's own there is nothing to send: ping ends before it begins.
  if (/Network is unreachable|No route to host/.test(result.stderr)) return NOTHING_SENT
  const received = /(\d+) received/.exec(text)?.[1]
  if (received === undefined) throw new Error(`ping said: ${text}${result.stderr}`)
  const time = /time[=<]([\d.]+) ms/.exec(text)?.[1]
  return {
    received: Number(received),
    firstMs: time === undefined ? undefined : Number(time),
    unreachable: /unreachable|prohibited/i.test(text),
    looped: /Time (to live )?exceeded/i.test(text),
  }
}
