import { expect, it } from 'vitest'
import { keeperOn } from '../../src/app/keeper.ts'
import { canonicalJson } from '../../src/engine/canonical-json.ts'
import { observeAndPlan, type Catalogue } from '../../src/engine/look.ts'
import type { Topic } from '../../src/engine/types.ts'
import { CATALOGUE } from '../../src/facts/catalogue.ts'
import type { Model } from '../../src/model/types.ts'
import type { World } from '../../src/model/world.ts'
import { freshHost } from '../support/memory.ts'
import { container, model, tcp } from '../support/model.ts'

const FILE = model({ containers: [container('blog', 2, { expose: [tcp(443)] }), container('db', 3)] })

/** A look at what is there after a pass; and how often what the host is like was made out. */
async function stage() {
  const host = freshHost()
  await keeperOn(host).pass(FILE, {})
  let times = 0
  const counting: Catalogue<Model, World> = {
    ...CATALOGUE,
    standings: new WeakMap(),
    world: (...given) => {
      times += 1
      return CATALOGUE.world(...given)
    },
  }
  const options = { record: {}, policy: FILE.policy }
  const first = await observeAndPlan(FILE, counting, options, host)
  const again = async (...topics: readonly Topic[]) => {
    const { replies, compared } = first
    const since = { replies, compared, topics: new Set(topics), confined: true as const }
    return observeAndPlan(FILE, counting, { ...options, since }, host)
  }
  return { host, first, again, times: () => times }
}

it('what the host is like is made out anew only when more than the firewall was read', async () => {
  const { again, times } = await stage()
  await again('firewall')
  await again('firewall')
  expect(times()).toBe(1)
  await again('route')
  expect(times()).toBe(2)
  await again('firewall', 'link')
  expect(times()).toBe(3)
})

it.each([
  'add element inet slash64 exposed6 { 2001:db8:1:1::1:3 . 17 . 9000 }',
  'flush set inet slash64 bridges',
  'add rule inet slash64 guard accept',
  'delete table inet slash64',
  'flush ruleset',
])('the same is planned as by a look at everything, each time: nft %s', async (statement) => {
  const { host, again } = await stage()
  await host.run(['nft', statement])
  const whole = await observeAndPlan(FILE, CATALOGUE, { record: {}, policy: FILE.policy }, host)
  const lines = whole.plan.changes.map((change) => canonicalJson(change))
  expect(lines).not.toEqual([])
  for (const look of [await again('firewall'), await again('firewall')]) {
    expect(look.plan.changes.map((change) => canonicalJson(change))).toEqual(lines)
    expect(look.world.facts).toEqual(whole.world.facts)
  }
})
