import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { folded, problemOfError } from './problems.ts'
import type { Probe, Problem, Replies, Reply } from './types.ts'

/**
 * Runs all probes at once, each id a single time; where they wait for each other, in the order of what it costs not to know:
 * the firewall, the host, single containers. Never rejects: a failed read is a reply too.
 */
export async function ask(probes: readonly Probe[], system: System): Promise<Replies> {
  const byId = new Map(probes.map((probe) => [probe.id, probe]))
  const ordered = [...byId.values()].toSorted((one, other) => rank(one) - rank(other))
  const replies = await Promise.all(
    ordered.map(async (probe): Promise<[string, Reply]> => [probe.id, await reply(probe, system)]),
  )
  return new Map(replies)
}

function rank(probe: Probe): number {
  if (probe.topics?.includes('firewall') === true) return 0
  return 'argv' in probe && probe.inside === true ? 2 : 1
}

async function reply(probe: Probe, system: System): Promise<Reply> {
  try {
    return { text: await read(probe, system) }
  } catch (error) {
    if (error instanceof SystemError) return { error }
    throw error
  }
}

async function read(probe: Probe, system: System): Promise<string> {
  const { stateDir, runDir } = system.places
  if ('sysctl' in probe) return system.readSysctl(probe.sysctl)
  if ('file' in probe)
    return system.readFile(probe.file.startsWith('/') ? probe.file : `${stateDir}/${probe.file}`)
  if ('socket' in probe) return system.exchange(`${runDir}/${probe.socket}`, probe.request)
  if ('link' in probe) return system.readLink(probe.link)
  return system.query(probe.argv, probe)
}

/** The reads that failed, apart from `not-found`, which is an answer. `contained` failures do not hide the rest. */
export function unknowns(
  probes: readonly Probe[],
  replies: Replies,
): { problems: readonly Problem[]; fatal: boolean } {
  const failed = probes.flatMap((probe) => {
    const answer = replies.get(probe.id)
    return answer && 'error' in answer && !isAnswer(probe, answer.error)
      ? [{ probe, error: answer.error }]
      : []
  })
  return {
    problems: folded(failed.map(({ error }) => problemOfError(error, 'observe'))),
    fatal: failed.some(({ probe }) => probe.contained !== true),
  }
}

/** Whether absence, or failure itself, is what was asked about. */
function isAnswer(probe: Probe, { code }: SystemError): boolean {
  if (probe.mayFail === true) return true
  const mayBeAbsent = !('argv' in probe) || probe.contained === true || probe.mayBeAbsent === true
  return code === 'not-found' && mayBeAbsent
}

/** The reply's text; undefined when the object is absent or could not be read (then the pass tells so). */
export function replyText(replies: Replies, id: string): string | undefined {
  const answer = replies.get(id)
  return answer && 'text' in answer ? answer.text : undefined
}
