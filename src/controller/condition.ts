import type { Condition } from '../system/feeds.ts'
import type { NetlinkSocket } from '../system/netlink-sockets.ts'
import type { Proof } from './monitor.ts'

/** Why a program that lives is of no use. */
export type Fault = 'stopped' | 'unsubscribed' | 'deaf' | 'starved'

/** Looks in a row, a second apart, that must show the same: who traces it stops it for moments, a busy one has a queue. */
const STOPPED = 2
const GONE = 2
const STARVED = 4

/** What looks have shown since it was proved. */
export interface Seen {
  readonly stopped: number
  readonly gone: number
  readonly starved: number
  readonly drops: number
  readonly lines: number
  /** /proc shows its sockets. */
  readonly isShown: boolean
}

export function firstSeen(condition: Condition, proof: Proof | undefined, lines: number): Seen {
  const sockets = proof === undefined ? [] : joined(condition, proof)
  return { stopped: 0, gone: 0, starved: 0, drops: dropsOf(sockets), lines, isShown: sockets.length > 0 }
}

/** The sockets by which it hears. */
export function joined(
  { sockets }: Condition,
  { protocol, groups }: Pick<Proof, 'protocol' | 'groups'>,
): readonly NetlinkSocket[] {
  // Bitwise operations are of signed numbers.
  return sockets.filter((socket) => socket.protocol === protocol && (socket.groups & groups) >>> 0 === groups)
}

/** It has read all that was told. */
export function isQuiet(condition: Condition, proof: Proof): boolean {
  return joined(condition, proof).every(({ queued }) => queued === 0)
}

/** After the next look: what is wrong by now, or that something was dropped; `lines`: how many it has told. */
export function afterLook(
  seen: Seen,
  condition: Condition,
  proof: Proof | undefined,
  lines: number,
): { readonly seen: Seen; readonly verdict?: Fault | 'lost' } {
  const sockets = proof === undefined ? [] : joined(condition, proof)
  const isStarved = sockets.some(({ queued }) => queued > 0) && lines === seen.lines
  const next: Seen = {
    stopped: condition.isStopped ? seen.stopped + 1 : 0,
    gone: seen.isShown && sockets.length === 0 ? seen.gone + 1 : 0,
    starved: isStarved ? seen.starved + 1 : 0,
    drops: sockets.length > 0 ? dropsOf(sockets) : seen.drops,
    lines,
    isShown: seen.isShown || sockets.length > 0,
  }
  const verdict = verdictOf(next) ?? (seen.isShown && next.drops > seen.drops ? 'lost' : undefined)
  return { seen: next, ...(verdict !== undefined && { verdict }) }
}

function verdictOf({ stopped, gone, starved }: Seen): Fault | undefined {
  if (stopped >= STOPPED) return 'stopped'
  if (gone >= GONE) return 'unsubscribed'
  return starved >= STARVED ? 'starved' : undefined
}

function dropsOf(sockets: readonly NetlinkSocket[]): number {
  return sockets.reduce((sum, { drops }) => sum + drops, 0)
}
