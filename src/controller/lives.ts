import type { PlannedChange } from '../engine/types.ts'
import { vethName } from '../model/identity.ts'
import type { Container, Model } from '../model/types.ts'
import type { HostFacts } from '../model/world.ts'

type Containers = HostFacts['containers']

/** By container: which of its runs it is, as far as looks could tell them apart. */
export type Lives = ReadonlyMap<string, Life>

interface Life {
  readonly run: number
  /** The network of that run; undefined: it has ended. */
  readonly netns: string | undefined
}

export const NO_LIVES: Lives = new Map()

/** After a look: another network than before, or none, is the end of a run. */
export function afterLook(lives: Lives, containers: Containers): Lives {
  const next = [...containers].flatMap(([name, { state, netns }]): readonly [string, Life][] => {
    const known = lives.get(name) ?? (state === 'absent' || state === 'running' ? UNBORN : undefined)
    if (known === undefined) return []
    if (state === 'absent') return [[name, endOf(known)]]
    if (state !== 'running' || netns === undefined || known.netns === netns) return [[name, known]]
    return [[name, { ...endOf(known), netns }]]
  })
  return new Map(next)
}

const UNBORN: Life = { run: 1, netns: undefined }

/** What comes behind it is of the next run, also before a look has found that. */
function endOf(life: Life): Life {
  return life.netns === undefined ? life : { run: life.run + 1, netns: undefined }
}

/** The container's network went, whatever looks see of that; also of one that no look has found. */
export function afterEnd(lives: Lives, name: string): Lives {
  const known = lives.get(name)
  return known === undefined ? lives : new Map([...lives, [name, { run: known.run + 1, netns: undefined }]])
}

/** The run of the container that a change is of, as text; undefined: it goes with no container. */
export type LifeOf = (change: PlannedChange) => string | undefined

/** What is inside a container, its pair, and what the firewall knows by the port, comes and goes with each of its runs. */
export function lifeIn(lives: Lives, model: Model, containers: Containers): LifeOf {
  const owners = new Map(
    model.containers.flatMap((container) =>
      endsOf(container, containers).map((end): [string, string] => [end, container.name]),
    ),
  )
  return ({ kind, key }) => {
    const words = key.split(' ')
    const inside = kind.startsWith('container-') ? words[0] : undefined
    const name = inside ?? words.flatMap((word) => owners.get(word) ?? [])[0]
    const life = name === undefined ? undefined : lives.get(name)
    return life && `${name} ${life.run}`
  }
}

/** The names that the host's end of its pair has, or may get. */
function endsOf({ name, runtime }: Container, containers: Containers): readonly string[] {
  const attachment = containers.get(name)?.attachment
  return [vethName(runtime), ...(attachment?.type === 'port' ? [attachment.port] : [])]
}

/**
 * The runs by which a pass is counted that concludes now: of named namespaces, those of when it began to apply. Another pass,
 * made beside it, may have seen the next run since.
 */
export function livesThen(now: Lives, then: Lives, model: Model): Lives {
  const named = new Set(
    model.containers.flatMap(({ name, runtime }) => (runtime.type === 'netns' ? [name] : [])),
  )
  return new Map(
    [...now].map(([name, life]) => [name, (named.has(name) ? then.get(name) : undefined) ?? life]),
  )
}
