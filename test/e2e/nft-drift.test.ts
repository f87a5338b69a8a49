import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { IPV6, container, forward, networkYaml, plan, reconcile } from './fixtures.ts'
import { ownTable, tableText } from './nft-objects.ts'

describe('our nft table', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db'] })
    await lab.serve('blog', '443/tcp')
    const containers = {
      blog: container(lab, 'blog', 2, { expose: ['443/tcp'] }),
      db: container(lab, 'db', 3),
    }
    const forwards = [
      forward('2222/tcp -> blog:443'),
      forward('8000-8010/udp -> db:9000-9010', '198.51.100.0/24'),
    ]
    await reconcile(lab, networkYaml({ containers, nat: { forwards } }))
  })
  afterAll(async () => lab.destroy())

  /** Breaks the table and reconciles: how many changes were planned, and whether all is as it was before. */
  async function broken(statement: string): Promise<Healing> {
    const before = await tableText(lab)
    await lab.must('host', ['nft', statement])
    const { changes } = await plan(lab)
    await reconcile(lab)
    const after = await plan(lab)
    return {
      statement,
      planned: changes.length,
      healed: !after.hasChanges && (await tableText(lab)) === before,
    }
  }

  it('gets each flushed chain back, and plans nothing else', async () => {
    const { chains } = await ownTable(lab)
    const withRules = chains.filter((chain) => chain.rules > 0)
    expect(withRules.length).toBeGreaterThan(3)
    for (const { name } of withRules) {
      const statement = `flush chain inet slash64 ${name}`
      expect(await broken(statement)).toEqual({ statement, planned: 1, healed: true })
    }
  })

  it('gets the elements of each set and map back', async () => {
    const { filled } = await ownTable(lab)
    expect(filled.length).toBeGreaterThan(2)
    for (const { name, type, size } of filled) {
      const statement = `flush ${type} inet slash64 ${name}`
      const healing = await broken(statement)
      expect(healing).toMatchObject({ statement, healed: true })
      expect(healing.planned).toBeGreaterThan(0)
      expect(healing.planned).toBeLessThanOrEqual(size)
    }
  })

  it('loses each rule that others put into it', async () => {
    const { chains } = await ownTable(lab)
    for (const { name } of chains) {
      const statement = `insert rule inet slash64 ${name} counter comment "slash64"`
      expect(await broken(statement)).toEqual({ statement, planned: 1, healed: true })
    }
  })

  it.each([
    'add chain inet slash64 sneaky { type filter hook forward priority -300; policy accept; }',
    'add chain inet slash64 sneaky; add rule inet slash64 sneaky accept',
    'add set inet slash64 sneaky { type ipv6_addr; elements = { 2001:db8::1 }; }',
    'add map inet slash64 sneaky { type inet_service : ipv4_addr; }',
  ])('loses what others put into it: %s', async (statement) => {
    const healing = await broken(statement)
    expect(healing).toMatchObject({ healed: true })
    expect(healing.planned).toBeGreaterThan(0)
  })

  it.each(['flush ruleset', 'flush table inet slash64', 'delete table inet slash64'])(
    'comes back whole after: %s',
    async (statement) => {
      const healing = await broken(statement)
      expect(healing).toMatchObject({ healed: true })
      expect(healing.planned).toBeGreaterThan(3)
      expect(await lab.tcp('internet', `${IPV6}1:2`, 443)).toBe('blog:443 peer 2001:db8:ffff::10')
    },
  )
})

interface Healing {
  readonly statement: string
  readonly planned: number
  readonly healed: boolean
}
