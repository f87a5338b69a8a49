import { defineKind } from '../../src/engine/define-kind.ts'
import type { Catalogue } from '../../src/engine/look.ts'
import type { Change, Kind, KindDefinition, PlannedChange, Resource, Step } from '../../src/engine/types.ts'

/** Desired resources by kind; the observed ones come from the probe `state KIND` as JSON of the same shape. */
export type Wish = Readonly<Record<string, readonly Resource<string>[]>>

export function resource(key: string, spec = 'x', needs: readonly string[] = []): Resource<string> {
  return { key, spec, needs }
}

/** A kind about nothing: its model is the list of what it should want, its observed state one JSON document. */
export function toyKind(
  name: string,
  more: Partial<KindDefinition<Wish, Wish, string>> = {},
): Kind<Wish, Wish> {
  return defineKind<Wish, Wish, string>({
    name,
    deletes: 'late',
    probes: () => [{ id: `state ${name}`, argv: ['state', name] }],
    desired: (wish) => wish[name] ?? [],
    observe: (replies) => {
      const reply = replies.get(`state ${name}`)
      const text = reply && 'text' in reply && reply.text !== '' ? reply.text : '{}'
      return { owned: [], foreign: [], ...(JSON.parse(text) as object) }
    },
    same: (before, after) => before === after,
    steps: (change) => [ipStep(`${change.action} ${name} ${change.key}`)],
    ...more,
  })
}

/** What the engine works with, made of toys; the world is the wish. */
export function toyCatalogue(kinds: readonly Kind<Wish, Wish>[]): Catalogue<Wish, Wish> {
  return {
    kinds,
    factProbes: () => [{ id: 'facts', argv: ['facts'] }],
    world: (model) => ({ world: model, problems: [], plans: 'everything' }),
    unobserved: () => ({}),
  }
}

export function ipStep(line: string, netns?: string): Step {
  return { tool: 'ip', line, ...(netns === undefined ? {} : { netns }) }
}

export function nftStep(statement: string): Step {
  return { tool: 'nft', rank: 'declare', statement }
}

/** A planned change by hand: `create bridge br`. */
export function planned(text: string, more: Partial<PlannedChange> = {}): PlannedChange {
  const [action = '', kind = '', key = ''] = text.split(' ')
  if (action !== 'create' && action !== 'update' && action !== 'delete')
    throw new Error(`no action: ${action}`)
  return {
    kind,
    key,
    action,
    cause: 'config',
    reason: '',
    before: action === 'create' ? null : {},
    after: action === 'delete' ? null : {},
    needs: [],
    steps: [ipStep(text)],
    ...more,
  }
}

/** `+ kind key (cause)`, one for each change. */
export function shown(changes: readonly PlannedChange[]): readonly string[] {
  return changes.map(({ action, kind, key, cause }) => `${SIGNS[action]} ${kind} ${key} (${cause})`)
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const

export function creation(key: string, after: unknown = 'x'): Change<unknown> {
  return { key, action: 'create', after }
}
