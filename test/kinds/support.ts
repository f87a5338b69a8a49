import type { Kind, KindPlan, PlannedChange, Replies, Reply, Step } from '../../src/engine/types.ts'
import { renderTransaction } from '../../src/drivers/nft.ts'
import type { Model } from '../../src/model/types.ts'
import type { World } from '../../src/model/world.ts'
import { ABSENT, capturedReplies, NO_PROXY, replies } from '../support/captures.ts'
import { capturedModel, world } from '../support/model.ts'

export type HostKind = Kind<Model, World>

/** A host without anything of ours. */
export const BARE: Replies = replies({
  links: '[]',
  routes4: '[]',
  routes6: '[]',
  proxies: '[]',
  nft: ABSENT,
  'nft frames': ABSENT,
  'inside blog': '\n\n[]\n[]\n',
  'inside db': '\n\n[]\n[]\n',
  ...NO_PROXY,
})

/** The kind's comparison on the host of the captures, which slash64 itself had made. */
export function onCapture(
  kind: HostKind,
  of: World = world(capturedModel()),
  more: Readonly<Record<string, string | Reply>> = {},
): KindPlan {
  return kind.compare(of, capturedReplies(more), {})
}

export function onBareHost(kind: HostKind, of: World = world(capturedModel())): KindPlan {
  return kind.compare(of, BARE, {})
}

export function changesOf({ early, late }: KindPlan): readonly PlannedChange[] {
  return [...early, ...late]
}

/** `+ key`, one for each change. */
export function keys(plan: KindPlan): readonly string[] {
  return changesOf(plan).map(({ action, key }) => `${SIGNS[action]} ${key}`)
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const

/** All steps as the commands that they come to. */
export function commands(plan: KindPlan): readonly string[] {
  return changesOf(plan).flatMap(({ steps }) => steps.map(asCommand))
}

function asCommand(step: Step): string {
  switch (step.tool) {
    case 'ip':
      if ('setting' in step) return `ip -n ${step.netns} sysctl ${step.setting.name}=${step.setting.value}`
      return step.netns === undefined ? `ip ${step.line}` : `ip -n ${step.netns} ${step.line}`
    case 'nft':
      return `nft ${renderTransaction([step]).trimEnd()}`
    case 'sysctl':
      return `sysctl ${step.name}=${step.value}`
    case 'conntrack': {
      if (!('protocol' in step)) return `conntrack ${step.interface} to ${step.to.toString()}`
      const { protocol, first, last, backend, except = [] } = step
      const who = backend === undefined ? 'untranslated' : `of ${backend}`
      return `conntrack ${first}-${last}/${protocol} ${who}${except.length > 0 ? ` except ${except.join(',')}` : ''}`
    }
    case 'haproxy': {
      const { tool: _, op, ...rest } = step
      return `haproxy ${op} ${JSON.stringify(rest)}`
    }
  }
}

/** The world without the containers of these names. */
export function without(...names: readonly string[]): World {
  const of = capturedModel()
  return world({
    ...of,
    containers: of.containers.filter(({ name }) => !names.includes(name)),
    nat: { ...of.nat, forwards: of.nat.forwards.filter(({ container }) => !names.includes(container)) },
  })
}

/** The world with every container in the same state. */
export function everyContainer(
  state: 'running' | 'absent' | 'unknown' | 'managed',
  of: Model = capturedModel(),
): World {
  return world(of, {
    containers: new Map(of.containers.map(({ name }) => [name, { state, ipv4: [], ipv6: [] }])),
  })
}
