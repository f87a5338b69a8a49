import { describe, expect, it } from 'vitest'
import { parseTable } from '../../../src/formats/nft-table.ts'
import { nftChain } from '../../../src/kinds/nft-chain/index.ts'
import { chainsOf } from '../../../src/kinds/nft-chain/rules.ts'
import { COUNTERS, setsOf } from '../../../src/kinds/nft-set/declarations.ts'
import type { Model } from '../../../src/model/types.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { capture } from '../../support/captures.ts'
import { capturedModel, model, world } from '../../support/model.ts'
import { countedModel } from '../../support/traffic.ts'
import { changesOf, commands, keys, onBareHost, onCapture } from '../support.ts'

const TABLE = capture('nftables-1.0.6/table.json')
const FRAMES = capture('nftables-1.0.6/frames.json')

/** Between bridges to an IPv4 that no container has. */
const TO_NOBODY =
  'iifname @bridges oifname @bridges meta pkttype host oifname . ip daddr != @senders4 counter name "dropped" drop'

function rulesOf(name: string, of: Model): readonly string[] {
  return (
    chainsOf(of)
      .find((chain) => chain.name === name)
      ?.rules.map(({ text }) => text) ?? []
  )
}

describe('the rules', () => {
  it('end in a drop that is scoped to our bridges', () => {
    expect(rulesOf('guard', model()).at(-1)).toBe('counter name "dropped" drop')
    expect(
      rulesOf('filter-forward', model()).every((text) => /^[io]ifname @bridges goto guard$/.test(text)),
    ).toBe(true)
    const hooks = chainsOf(model()).filter(({ hook }) => hook !== '')
    expect(hooks.filter(({ hook }) => !hook.endsWith('accept'))).toEqual([])
  })

  it('let the same bridge’s traffic pass before `invalid` is dropped', () => {
    const rules = rulesOf('guard', model())
    const between = rules.indexOf('iifname @bridges oifname @bridges accept')
    expect(between).toBeGreaterThan(-1)
    expect(between).toBeLessThan(rules.findIndex((text) => text.includes('ct state invalid')))
  })

  it.each([
    [
      'firewall.ipv6 allow',
      { firewall: { ipv6: 'allow', eastWest: 'allow', antiSpoof: true } },
      'meta nfproto ipv6 accept',
      true,
    ],
    ['firewall.ipv6 deny', {}, 'meta nfproto ipv6 accept', false],
    [
      'eastWest deny',
      { firewall: { ipv6: 'deny', eastWest: 'deny', antiSpoof: true } },
      'iifname @bridges oifname @bridges counter name "dropped" drop',
      true,
    ],
    ['antiSpoof', {}, 'iifname @bridges jump senders', true],
    [
      'antiSpoof off',
      { firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: false } },
      'iifname @bridges jump senders',
      false,
    ],
    ['addresses of nobody', {}, TO_NOBODY, true],
    [
      'addresses of nobody, antiSpoof off',
      { firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: false } },
      TO_NOBODY,
      false,
    ],
    ...(['on-link', 'routed', 'tunnel'] as const).map(
      (delivery) =>
        [
          delivery,
          { prefix: { cidr: '2001:db8:1:1::/64', delivery } },
          'tcp flags syn tcp option maxseg size set rt mtu',
          true,
        ] as const,
    ),
  ] as const)('%s: %j', (_, more, text, there) => {
    expect(rulesOf('guard', model(more)).includes(text)).toBe(there)
  })

  it.each([
    ['snat', 'ip saddr @networks4 snat ip to oifname map @source4'],
    ['masquerade', 'ip saddr @networks4 oifname "eth0" masquerade'],
    ['none', undefined],
  ] as const)('nat.source %s', (source, text) => {
    const rules = rulesOf('nat-postrouting', model({ nat: { source, forwards: [] } }))
    expect(rules[0]).toContain('ct status dnat masquerade')
    expect(rules[1]).toBe(text)
  })

  it('refer only to sets and counters that are declared, and jump only to chains that are', () => {
    const chains = chainsOf(countedModel())
    const named = (pattern: RegExp): readonly string[] =>
      chains.flatMap(({ table, rules }) =>
        rules.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => `${table} ${match[1]}`)),
      )
    const sets = Object.entries(setsOf(countedModel())).map(([name, { table }]) => `${table} ${name}`)
    expect(new Set(named(/@([a-z0-9]+)(?![a-z0-9,])/g))).toEqual(new Set(sets))
    const counters: readonly string[] = COUNTERS.map(({ table, name }) => `${table} ${name}`)
    expect(counters).toEqual(expect.arrayContaining([...named(/counter name "(\w+)"/g)]))
    const jumped = chains.filter(({ hook }) => hook === '').map(({ table, name }) => `${table} ${name}`)
    expect(new Set(named(/(?:jump|goto) (\S+)/g))).toEqual(new Set(jumped))
  })

  it('hold no text of a container: two files with the same settings have the same rules', () => {
    expect(chainsOf(capturedModel())).toEqual(chainsOf(model()))
  })

  it('have the outline that nft 1.0.6 prints for them', () => {
    const printed = [TABLE, FRAMES].flatMap((text) =>
      parseTable(text).chains.map(({ name, hook, rules }) => ({ name, hook, rules })),
    )
    const own = chainsOf(capturedModel()).map(({ name, hook, rules }) => ({
      name,
      hook,
      rules: rules.map(({ comment, outline }) => ({ comment, outline })),
    }))
    expect(printed).toEqual(own)
  })
})

describe('nft-chain', () => {
  it.each(['1.0.6', '1.1.3'])('finds all chains again in what nft %s prints', (version) => {
    const nft = capture(`nftables-${version}/table.json`)
    const frames = capture(`nftables-${version}/frames.json`)
    const plan = onCapture(nftChain, undefined, { nft, 'nft frames': frames })
    expect(plan).toMatchObject({ early: [], late: [], inSync: 13 })
  })

  it('is declared with its hook, then filled', () => {
    const made = commands(onBareHost(nftChain))
    expect(made).toContain(
      'nft add chain inet slash64 filter-forward { type filter hook forward priority 0; policy accept; }',
    )
    expect(made).toContain('nft add chain inet slash64 guard')
    expect(made).toContain(
      'nft add chain bridge slash64 frames-prerouting { type filter hook prerouting priority -300; policy accept; }',
    )
    expect(made.filter((text) => text.startsWith('nft add rule inet slash64 guard '))).toHaveLength(12)
    expect(
      made.filter((text) => text.includes('add rule') && !/ comment "slash64:[0-9a-f]{12}"$/.test(text)),
    ).toEqual([])
  })

  it('with a foreign rule is flushed and refilled, in one transaction', () => {
    const plan = onCapture(nftChain, undefined, { nft: capture('nftables-1.0.6/table-with-foreign.json') })
    expect(keys(plan)).toEqual(['~ guard'])
    expect(plan.early[0]?.reason).toBe('1 that are not its own')
    expect(commands(plan)[0]).toBe('nft flush chain inet slash64 guard')
    expect(commands(plan)).toHaveLength(13)
  })

  it('a rule that keeps our comment and does something else is seen', () => {
    const nft = TABLE.replace(
      '{"counter": "dropped"}, {"drop": null}',
      '{"counter": "dropped"}, {"accept": null}',
    )
    expect(nft).not.toBe(TABLE)
    const plan = onCapture(nftChain, undefined, { nft })
    expect(keys(plan)).toEqual(['~ guard'])
    expect(plan.early[0]?.reason).toBe('1 of its rules missing, 1 that are not its own')
  })

  it('with another hook is made anew', () => {
    const nft = TABLE.replace('"hook": "forward", "prio": 0', '"hook": "forward", "prio": 5')
    const made = commands(onCapture(nftChain, undefined, { nft }))
    expect(made.slice(0, 3)).toEqual([
      'nft flush chain inet slash64 filter-forward',
      'nft delete chain inet slash64 filter-forward',
      'nft add chain inet slash64 filter-forward { type filter hook forward priority 0; policy accept; }',
    ])
  })

  it('lets go of a set that will be made anew', () => {
    const nft = TABLE.replace(
      '"name": "open6", "table": "slash64", "type": "ipv6_addr"',
      '$&, "flags": ["interval"]',
    )
    expect(keys(onCapture(nftChain, undefined, { nft }))).toEqual(['~ guard'])
  })

  it('of frames with another hook or policy is made anew', () => {
    const priority = FRAMES.replace('"hook": "prerouting", "prio": -300', '"hook": "prerouting", "prio": 0')
    expect(commands(onCapture(nftChain, undefined, { 'nft frames': priority }))[1]).toBe(
      'nft delete chain bridge slash64 frames-prerouting',
    )
    const policy = FRAMES.replaceAll('"policy": "accept"', '"policy": "drop"')
    expect(keys(onCapture(nftChain, undefined, { 'nft frames': policy }))).toEqual([
      '~ bridge frames-prerouting',
      '~ bridge frames-forward',
    ])
  })

  it('of frames lets go of a set that will be made anew', () => {
    const frames = FRAMES.replace('"type": ["ifname", "integer"]', '"type": ["ifname", "ipv6_addr"]')
    expect(keys(onCapture(nftChain, undefined, { 'nft frames': frames }))).toEqual(['~ bridge frames-ip6'])
  })

  it('that is not ours goes, flushed first', () => {
    const nft = TABLE.replace(
      '{"chain": {"family": "inet", "table": "slash64", "name": "guard"',
      '{"chain": {"family": "inet", "table": "slash64", "name": "x", "handle": 99}}, $&',
    )
    const plan = onCapture(nftChain, undefined, { nft })
    expect(keys(plan)).toEqual(['- x'])
    expect(commands(plan)).toEqual(['nft flush chain inet slash64 x', 'nft delete chain inet slash64 x'])
  })

  it('without networks leaves all of it to the table', () => {
    expect(changesOf(onCapture(nftChain, world(EMPTY_MODEL)))).toEqual([])
  })
})
