import { canonicalJson } from '../engine/canonical-json.ts'
import { reference } from '../engine/types.ts'
import type { PlannedChange } from '../engine/types.ts'
import type { LifeOf } from './lives.ts'
import type { Contended, Wish } from './types.ts'

/** So many restores (3), each within a minute (ms) of the one before, are a fight. */
const FIGHT = 3
const MEMORY = 60_000
/** Then the next restore waits 1 s, 2 s, 4 s, 5 s (ms). */
const FIRST_WAIT = 1_000
const MOST_WAIT = 5_000

interface Restores {
  readonly count: number
  /** Monotonic ms. */
  readonly last: number
  /** What it was restored to. */
  readonly after: string
  /** In which run of its container, if it is of one. */
  readonly life: string | undefined
  readonly by?: string
}

/** By reference: objects that were put right lately. */
export type Contention = ReadonlyMap<string, Restores>

export const NO_CONTENTION: Contention = new Map()

/**
 * After a pass: counts what it put right. An object that lost its place with an interface, or with another object that
 * is made anew, or with a run of its container, was not taken by anybody; what the file asks for now and did not before is no restore either.
 */
export function afterRestores(
  contention: Contention,
  {
    planned,
    applied,
  }: { readonly planned: readonly PlannedChange[]; readonly applied: readonly PlannedChange[] },
  wish: Wish,
  now: number,
  lifeOf: LifeOf,
): Contention {
  const wanted = new Set(planned.map(({ key }) => key))
  // What went by itself and is not missed, as the link of a container that ended, was not taken either.
  const gone = [...(wish.lost ?? [])].filter((name) => !wanted.has(name))
  const isLeft = (name: string): boolean => gone.some((one) => name.endsWith(` ${one}`))
  const next = new Map([...contention].filter(([name, { last }]) => now - last < MEMORY && !isLeft(name)))
  if (wish.trigger === 'start' || wish.trigger === 'file') return next
  const made = new Set(applied.map(({ kind, key }) => reference(kind, key)))
  const table = applied.some(makesTable)
  for (const change of applied) {
    const name = reference(change.kind, change.key)
    if (change.withdrawn) next.delete(name)
    if (change.withdrawn || isConsequence(change, made, wish.lost)) continue
    // With the table goes all that it holds: one object was taken, not thousands.
    if (table && isInTable(change)) continue
    const after = canonicalJson(change.after)
    const known = next.get(name)
    const life = lifeOf(change)
    const count = known?.after === after && known.life === life ? known.count + 1 : 1
    // The kernel tells who wrote to the firewall, and of nothing else.
    const by = change.steps.some(({ tool }) => tool === 'nft') ? (wish.by ?? known?.by) : undefined
    next.set(name, { count, last: now, after, life, ...(by !== undefined && { by }) })
  }
  return next
}

/** Changes of objects that are fought over and were put right a moment ago; none of what guards. */
export function tooSoon(
  contention: Contention,
  changes: readonly PlannedChange[],
  now: number,
): readonly PlannedChange[] {
  if (contention.size === 0 || changes.some(makesTable)) return []
  return changes.filter((change) => allowedAt(contention, change) > now)
}

/** When the first of these may be put right again; undefined when there are none. */
export function nextAllowed(contention: Contention, postponed: readonly PlannedChange[]): number | undefined {
  const times = postponed.map((change) => allowedAt(contention, change))
  return times.length === 0 ? undefined : Math.min(...times)
}

/** What is fought over, by name. */
export function contended(contention: Contention, now: number): readonly Contended[] {
  return [...contention].flatMap(([resource, { count, last, by }]) =>
    count >= FIGHT && now - last < MEMORY
      ? [{ resource, restores: count, ...(by !== undefined && { by }) }]
      : [],
  )
}

function allowedAt(contention: Contention, change: PlannedChange): number {
  const restores = contention.get(reference(change.kind, change.key))
  // What guards is put right at once, whoever fights it.
  if (change.protects || restores === undefined || restores.count < FIGHT) return 0
  return restores.last + Math.min(MOST_WAIT, FIRST_WAIT * 2 ** Math.min(restores.count - FIGHT, 10))
}

/** Its own table is the one thing of which the loss opens the host: it never waits. */
export function makesTable({ action, steps }: PlannedChange): boolean {
  return action === 'create' && steps.some((step) => step.tool === 'nft' && step.rank === 'table')
}

function isInTable(change: PlannedChange): boolean {
  return !makesTable(change) && change.steps.some(({ tool }) => tool === 'nft')
}

function isConsequence(
  { key, needs }: PlannedChange,
  made: ReadonlySet<string>,
  lost: ReadonlySet<string> = new Set(),
): boolean {
  if (needs.some((need) => made.has(need))) return true
  return lost.size > 0 && wordsIn(key).some((word) => word !== key && lost.has(word))
}

/** `... dev eth0.100` and `net.ipv6.conf.eth0/100.proxy_ndp` (kinds/sysctl) name the same interface. */
function wordsIn(key: string): readonly string[] {
  return [...key.split(' '), ...key.split('.').map((word) => word.replaceAll('/', '.'))]
}
