import { defineKind } from '../../engine/define-kind.ts'
import type { Observed, Replies, Resource } from '../../engine/types.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { usableLink } from '../shared/attachment.ts'
import {
  inside,
  insideProbes,
  networkOf,
  runningContainers,
  SETTINGS,
  settingPath,
} from '../shared/inside.ts'
import { interfaceReference } from '../veth/desired.ts'

interface ContainerSettingSpec {
  readonly value: string
}

/**
 * Kernel settings of a container's own interface: no router but the one that is declared (`accept_ra`), and a link-local
 * address made of its MAC (`addr_gen_mode`), by which the firewall knows it. They go with the interface.
 */
export const containerSetting = defineKind<Model, World, ContainerSettingSpec>({
  name: 'container-setting',
  deletes: 'never',
  container: ({ key }) => key.split(' ')[0] ?? '',
  probes: insideProbes,
  desired: (world) => runningContainers(world).flatMap((container) => desired(container, world)),
  observe,
  same: (before, after) => before.value === after.value,
  steps: (change, world) => {
    const [name = '', setting = ''] = change.key.split(' ')
    const container = world.model.containers.find((one) => one.name === name)
    if (container === undefined || change.action === 'delete') return []
    const path = settingPath(container, setting)
    return [
      { tool: 'ip', netns: networkOf(container, world), setting: { name: path, value: change.after.value } },
    ]
  },
  reason: (before, after) => `${before.value} -> ${after.value}`,
})

function desired(container: Container, world: World): readonly Resource<ContainerSettingSpec>[] {
  const network = world.model.networks.find(({ name }) => name === container.network)
  if (container.ipv6 === undefined || network?.ipv6 === undefined) return []
  return Object.entries(SETTINGS).map(([setting, value]) => ({
    key: keyOf(container, setting),
    spec: { value },
    needs: [interfaceReference(container, world)],
  }))
}

function keyOf({ name, runtime }: Container, setting: string): string {
  return `${name} ${setting} dev ${runtime.interface}`
}

function observe(replies: Replies, world: World): Observed<ContainerSettingSpec> {
  const owned = runningContainers(world).flatMap((container) => {
    if (usableLink(replies, container, world) === undefined) return []
    const wanted = new Set(desired(container, world).map(({ key }) => key))
    return Object.entries(inside(replies, container, world.model)?.settings ?? {})
      .map(([setting, value]) => ({ key: keyOf(container, setting), spec: { value } }))
      .filter(({ key, spec }) => spec.value !== '' && wanted.has(key))
  })
  return { owned, foreign: [] }
}
