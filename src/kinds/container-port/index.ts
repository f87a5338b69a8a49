import { canonicalJson } from '../../engine/canonical-json.ts'
import { defineKind } from '../../engine/define-kind.ts'
import { reference } from '../../engine/types.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { portOf } from '../shared/attachment.ts'
import { hostEnd, innerLink, insideProbes, networkOf, runningContainers } from '../shared/inside.ts'
import { LINKS } from '../shared/probes.ts'
import { desiredPeer, mtuOf, portKey } from '../veth/desired.ts'
import { observedPeer } from '../veth/observe.ts'
import type { VethSpec } from '../veth/spec.ts'
import { updateSteps } from '../veth/steps.ts'

/** A pair that the runtime made: what we set on both ends. Its name, alias and group are the runtime's. */
type PortSpec = Omit<VethSpec, 'container' | 'alias' | 'group'>

/** The port of the bridge, and the interface inside, that a container's runtime made; they come and go with it. */
export const containerPort = defineKind<Model, World, PortSpec>({
  name: 'container-port',
  deletes: 'never',
  container: ({ key }) => key.split(' ')[0] ?? '',
  probes: (model, known) => [LINKS, ...insideProbes(model, known)],
  desired: (world) => ported(world).map((container) => desired(container, world)),
  observe,
  same: (before, after) => canonicalJson(before) === canonicalJson(after),
  steps,
})

function ported(world: World): readonly Container[] {
  return runningContainers(world).filter(
    ({ name }) => world.facts.containers.get(name)?.attachment?.type === 'port',
  )
}

function desired(container: Container, world: World): Resource<PortSpec> {
  const mtu = mtuOf(container, world)
  return {
    key: portKey(container),
    spec: {
      bridge: container.network,
      up: true,
      mtu,
      hairpin: true,
      isolated: world.model.firewall.eastWest === 'deny',
      peer: desiredPeer(container, mtu),
    },
    needs: [reference('bridge', container.network)],
  }
}

function observe(replies: Replies, world: World): Observed<PortSpec> {
  return {
    owned: ported(world).flatMap((container) => observed(container, replies, world.model)),
    foreign: [],
  }
}

function observed(container: Container, replies: Replies, model: Model): readonly Resource<PortSpec>[] {
  const outer = hostEnd(replies, container, model)
  const inner = innerLink(replies, container, model)
  if (outer === undefined || inner === undefined) return []
  const { master: bridge = '', up, mtu, hairpin, isolated } = outer
  const peer = observedPeer(inner, container)
  return [{ key: portKey(container), spec: { bridge, up, mtu, hairpin, isolated, peer } }]
}

function steps(change: Change<PortSpec>, world: World): readonly Step[] {
  const [name = ''] = change.key.split(' ')
  const container = world.model.containers.find((one) => one.name === name)
  const port = container && portOf(container, world)
  if (change.action !== 'update' || container === undefined || port === undefined) return []
  return updateSteps(port, change.before, change.after, networkOf(container, world))
}
