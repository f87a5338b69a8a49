import { beforeEach, describe, expect, it } from 'vitest'
import { memoryHost } from '../../src/system/memory/seed.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'

const LIST = ['nft', '-j', '-n', '-s', 'list', 'table', 'inet', 'slash64'] as const
const TABLE = `add table inet slash64
add counter inet slash64 dropped
add set inet slash64 bridges { type ifname; }
add set inet slash64 exposed6 { type ipv6_addr . inet_proto . inet_service; flags interval; }
add set inet slash64 networks4 { type ipv4_addr; flags interval; }
add map inet slash64 forwards4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
add chain inet slash64 guard
add chain inet slash64 forward { type filter hook forward priority 0; policy accept; }
add rule inet slash64 forward iifname @bridges goto guard comment "slash64:1"
add rule inet slash64 guard counter name "dropped" drop comment "slash64:2"
`

let host: MemoryHost

beforeEach(async () => {
  host = memoryHost()
  await host.run(['nft', '-f'], TABLE)
})

async function objects(kind: string): Promise<readonly Record<string, unknown>[]> {
  const { nftables }: { nftables: readonly Record<string, Record<string, unknown>>[] } = JSON.parse(
    await host.query(LIST),
  )
  return nftables.flatMap((entry) => (entry[kind] === undefined ? [] : [entry[kind]]))
}

async function elements(name: string): Promise<unknown> {
  const all = [...(await objects('set')), ...(await objects('map'))]
  return all.find((set) => set['name'] === name)?.['elem']
}

describe('listing', () => {
  it("an absent table is not found, in nft's words", async () => {
    await expect(memoryHost().query(LIST)).rejects.toMatchObject({
      code: 'not-found',
      exitCode: 1,
      detail: 'Error: No such file or directory',
    })
  })

  it('names sets by @, counters by name and verdicts as nft does', async () => {
    expect((await objects('rule')).map(({ chain, comment, expr }) => ({ chain, comment, expr }))).toEqual([
      {
        chain: 'guard',
        comment: 'slash64:2',
        expr: [{ counter: 'dropped' }, { drop: null }],
      },
      {
        chain: 'forward',
        comment: 'slash64:1',
        expr: [
          { match: { op: '==', left: { meta: { key: 'iifname' } }, right: '@bridges' } },
          { goto: { target: 'guard' } },
        ],
      },
    ])
    expect((await objects('chain'))[1]).toMatchObject({
      type: 'filter',
      hook: 'forward',
      prio: 0,
      policy: 'accept',
    })
    expect(await objects('counter')).toMatchObject([{ name: 'dropped', packets: 0, bytes: 0 }])
  })

  it('prints elements canonically: numbers, prefixes, ranges, RFC 5952', async () => {
    await host.run(
      ['nft', '-f'],
      `add element inet slash64 exposed6 { 2001:DB8:0::0:1 . tcp . 443, 2001:db8::/64 . 17 . 8000-8010 }
add element inet slash64 networks4 { 10.2.0.0-10.2.0.255, 10.1.0.1-10.1.0.9, 10.0.0.1/32 }
add element inet slash64 forwards4 { tcp . 2222 : 10.64.0.2 . 22 }`,
    )
    expect(await elements('exposed6')).toEqual([
      { concat: ['2001:db8::1', 6, 443] },
      { concat: [{ prefix: { addr: '2001:db8::', len: 64 } }, 17, { range: [8000, 8010] }] },
    ])
    expect(await elements('networks4')).toEqual([
      '10.0.0.1',
      { range: ['10.1.0.1', '10.1.0.9'] },
      { prefix: { addr: '10.2.0.0', len: 24 } },
    ])
    expect(await elements('forwards4')).toEqual([[{ concat: [6, 2222] }, { concat: ['10.64.0.2', 22] }]])
  })
})

describe('transactions', () => {
  it.each([
    ['a wrong word', 'bogus statement'],
    ['a missing set', 'add rule inet slash64 guard ip saddr @nosuch accept'],
    ['a set in use', 'delete set inet slash64 bridges'],
    [
      'other data for a key',
      'add element inet slash64 forwards4 { 6 . 80 : 10.0.0.1 . 1, 6 . 80 : 10.0.0.1 . 2 }',
    ],
    ['an open brace', 'add element inet slash64 bridges { "x"'],
  ])('with %s change nothing', async (_, statement) => {
    const before = host.dump()
    const script = `add element inet slash64 bridges { "br-ct" }\n${statement}\n`
    await expect(host.run(['nft', '-f'], script)).rejects.toMatchObject({ exitCode: 1, subject: 'nft -f' })
    expect(host.dump()).toBe(before)
  })

  it('say the line of the statement that failed', async () => {
    const script = 'add element inet slash64 bridges { "a" }\n\ndelete chain inet slash64 guard\n'
    await expect(host.run(['nft', '-f'], script)).rejects.toMatchObject({
      detail: expect.stringContaining('script:3: Error: Could not process rule: Device or resource busy'),
    })
  })

  it('may delete what they stop using first', async () => {
    await host.run(['nft', '-f'], 'flush chain inet slash64 forward\ndelete set inet slash64 bridges\n')
    expect((await objects('set')).map((set) => set['name'])).toEqual(['exposed6', 'networks4'])
  })

  it('tell existing from absent objects by their code', async () => {
    await host.run(['nft', 'add element inet slash64 forwards4 { 6 . 80 : 10.0.0.1 . 1 }'])
    await expect(
      host.run(['nft', 'add element inet slash64 forwards4 { 6 . 80 : 10.0.0.1 . 2 }']),
    ).rejects.toMatchObject({ code: 'exists' })
    await expect(
      host.run(['nft', 'delete', 'element', 'inet', 'slash64', 'bridges', '{ "no" }']),
    ).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(host.run(['nft', 'add set inet slash64 bridges { type mark; }'])).rejects.toMatchObject({
      code: 'exists',
    })
  })

  it('of others leave our table alone, a flush of everything does not', async () => {
    await host.run(['nft', 'add table ip docker; add chain ip docker x'])
    expect(host.snapshotForeign()).toContain('nft ip docker chain x')
    expect(host.snapshotForeign()).not.toContain('slash64')
    await host.run(['nft', 'flush ruleset'])
    await expect(host.query(LIST)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('delete a rule by its handle, and put one in front', async () => {
    const [rule] = await objects('rule')
    await host.run(['nft', `delete rule inet slash64 guard handle ${String(rule?.['handle'])}`])
    await host.run(['nft', 'insert rule inet slash64 forward accept'])
    expect((await objects('rule')).map(({ chain, comment }) => [chain, comment])).toEqual([
      ['forward', undefined],
      ['forward', 'slash64:1'],
    ])
  })
})
