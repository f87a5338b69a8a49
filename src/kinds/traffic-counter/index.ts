import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import { TABLE } from '../../model/identity.ts'
import { countedContainers, DIRECTIONS, isTrafficCounter, trafficCounter } from '../../model/traffic.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { NFT, nftTable, UNSEEN } from '../shared/tables.ts'

/** One named counter. Its values are nobody's wish: they are read by `app/traffic.ts`, and never compared. */
export interface TrafficCounterSpec {
  readonly name: string
}

/**
 * What counts each container's traffic, one way. Behind the sets in the list of kinds: in one transaction, a map that
 * holds on to a counter goes before it.
 */
export const trafficCounterKind = defineKind<Model, World, TrafficCounterSpec>({
  name: 'traffic-counter',
  deletes: 'early',
  probes: () => NFT,
  desired: ({ model }) =>
    countedContainers(model).flatMap((container) =>
      DIRECTIONS.map((direction) => resource(trafficCounter(container.name, direction))),
    ),
  observe,
  same: () => true,
  steps,
})

function observe(replies: Replies, world: World): Observed<TrafficCounterSpec> {
  const table = nftTable(replies)
  // Without networks the table goes as a whole (kind nft-table).
  if (table === undefined || world.model.networks.length === 0) return { owned: [], foreign: [] }
  if (!table.whole) return UNSEEN
  const counters = table.others.filter(({ type, name }) => type === 'counter' && isTrafficCounter(name))
  return { owned: counters.map(({ name }) => resource(name)), foreign: [] }
}

function resource(name: string): Resource<TrafficCounterSpec> {
  return { key: name, spec: { name } }
}

function steps({ key, action }: Change<TrafficCounterSpec>): readonly Step[] {
  return action === 'delete'
    ? [{ tool: 'nft', rank: 'delete', statement: `delete counter ${TABLE} ${key}` }]
    : [{ tool: 'nft', rank: 'declare', statement: `add counter ${TABLE} ${key}` }]
}
