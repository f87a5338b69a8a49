import type { System } from '../system/port.ts'
import { ask } from './observe.ts'
import type { KindPlan, PlannedChange, Probe, Replies, Reply, Topic } from './types.ts'

/** What an earlier pass read, and what has to be read again: the rest is taken over as it was. */
export interface Since {
  readonly replies: Replies
  readonly topics: ReadonlySet<Topic>
  /** Changes that were tried: all that they rest on is read again. */
  readonly tried?: readonly PlannedChange[]
  /** No container is entered that these events do not tell of: changes that would need it wait for another pass. */
  readonly confined?: true
  /** Events wait that tell of the host: nothing is taken away by what is known of it. */
  readonly outdated?: true
  /** By kind: how it compared in that pass. */
  readonly compared?: ReadonlyMap<string, KindPlan>
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

/** Asks these now, whatever is known of them. */
export async function readMore(reading: Reading, probes: readonly Probe[], system: System): Promise<Reading> {
  const answers = await ask(probes, system)
  return withNews(reading, { replies: answers, fresh: new Set(answers.keys()) })
}

/** With what another has read since. */
export function withNews({ replies, fresh }: Reading, news: Reading): Reading {
  const answers = [...news.fresh].flatMap((id): [string, Reply][] => {
    const reply = news.replies.get(id)
    return reply === undefined ? [] : [[id, reply]]
  })
  return { replies: new Map([...replies, ...answers]), fresh: new Set([...fresh, ...news.fresh]) }
}

/** Those that have no answer yet. */
export function unread({ replies }: Reading, probes: readonly Probe[]): readonly Probe[] {
  return probes.filter(({ id }) => !replies.has(id))
}

/** Those of which the answer is not of just now. */
export function outdated({ fresh }: Reading, probes: readonly Probe[]): readonly Probe[] {
  return probes.filter(({ id }) => !fresh.has(id))
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
