import type { System } from '../system/port.ts'
import { ask } from './observe.ts'
import type { Probe, Replies, Reply, Topic } from './types.ts'

/** What an earlier pass read, and what has to be read again: the rest is taken over as it was. */
export interface Since {
  readonly replies: Replies
  readonly topics: ReadonlySet<Topic>
  /** Kinds of which everything is read again. */
  readonly kinds?: ReadonlySet<string>
}

/** Answers to all probes, and which of them are of just now. */
export interface Reading {
  readonly replies: Replies
  readonly fresh: ReadonlySet<string>
}

/** Asks what may have changed since, or everything. `again`: ids that are asked whatever happened. */
export async function read(
  probes: readonly Probe[],
  system: System,
  since?: Since,
  again: ReadonlySet<string> = new Set(),
): Promise<Reading> {
  const isDue = (probe: Probe): boolean =>
    again.has(probe.id) ||
    since === undefined ||
    mayHaveChanged(probe, since.replies.get(probe.id), since.topics)
  const fresh = await ask(probes.filter(isDue), system)
  const replies = since === undefined ? fresh : merged(probes, since.replies, fresh)
  return { replies, fresh: new Set(fresh.keys()) }
}

/** Without what an answer made nobody ask any more. */
export function askedOnly({ replies, fresh }: Reading, probes: readonly Probe[]): Reading {
  return { replies: merged(probes, replies, new Map()), fresh }
}

/** Reads what has no answer yet, and forgets what is asked no more; undefined when there is nothing to read. */
export async function readRest(
  { replies, fresh }: Reading,
  probes: readonly Probe[],
  system: System,
): Promise<Reading | undefined> {
  const unread = probes.filter(({ id }) => !replies.has(id))
  if (unread.length === 0) return undefined
  const answers = await ask(unread, system)
  return { replies: merged(probes, replies, answers), fresh: new Set([...fresh, ...answers.keys()]) }
}

/** Reads what is not of just now, of these probes; undefined when all of them are. */
export async function refresh(
  reading: Reading,
  probes: readonly Probe[],
  system: System,
): Promise<Reading | undefined> {
  const stale = probes.filter(({ id }) => !reading.fresh.has(id))
  if (stale.length === 0) return undefined
  const more = await ask(stale, system)
  return {
    replies: new Map([...reading.replies, ...more]),
    fresh: new Set([...reading.fresh, ...more.keys()]),
  }
}

/**
 * A read that failed is always made again, unless its failure is an answer, or hides nothing else: what hangs in one
 * container must not hold up what is read for all.
 */
function mayHaveChanged(probe: Probe, known: Reply | undefined, topics: ReadonlySet<Topic>): boolean {
  if (known === undefined) return true
  if ('error' in known && known.error.code !== 'not-found' && !isApart(probe)) return true
  return probe.topics?.some((topic) => topics.has(topic)) ?? false
}

function isApart({ mayFail, contained }: Probe): boolean {
  return mayFail === true || contained === true
}

function merged(probes: readonly Probe[], before: Replies, fresh: Replies): Replies {
  const all = new Map<string, Reply>()
  for (const { id } of probes) {
    const reply = fresh.get(id) ?? before.get(id)
    if (reply) all.set(id, reply)
  }
  return all
}
