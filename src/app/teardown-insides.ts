import { observeAndPlan } from '../engine/look.ts'
import type { Plan } from '../engine/types.ts'
import { INSIDES } from '../facts/catalogue.ts'
import type { Model } from '../model/types.ts'
import { EMPTY_MODEL } from '../model/world.ts'
import type { System } from '../system/port.ts'

/** The deletes of addresses and routes of ours on interfaces that a container's runtime made: those stay, and no pair takes them along. */
export async function insideDeletes(
  model: Model,
  system: System,
): Promise<Pick<Plan, 'changes' | 'problems'>> {
  const options = { record: {}, policy: EMPTY_MODEL.policy }
  const { plan, world } = await observeAndPlan(withoutAddresses(model), INSIDES, options, system)
  const stays = new Set(
    [...world.facts.containers].flatMap(([name, { attachment }]) =>
      attachment?.type === 'port' ? [name] : [],
    ),
  )
  const changes = plan.changes.filter(({ key }) => stays.has(key.split(' ')[0] ?? ''))
  return { changes, problems: plan.problems }
}

/** Its containers, where they were, for which nothing is wanted. */
function withoutAddresses({ networks, containers }: Model): Model {
  return {
    ...EMPTY_MODEL,
    networks,
    containers: containers.map(({ name, network, runtime, mac }) => ({
      name,
      network,
      runtime,
      mac,
      expose: [],
    })),
  }
}
