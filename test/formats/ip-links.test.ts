import { describe, expect, it } from 'vitest'
import { parseLinks } from '../../src/formats/ip-links.ts'
import type { Link } from '../../src/formats/ip-links.ts'
import { capture } from '../support/captures.ts'
import { NO_LISTS, truncated } from './garbage.ts'

const LINKS = capture('iproute2-6.1.0/links.json')

function linkOf(name: string, text = LINKS): Link | undefined {
  return parseLinks(text).find((link) => link.name === name)
}

describe('ip -N -j -d addr show, iproute2 6.1.0', () => {
  it('reads every link in order', () => {
    const names = parseLinks(LINKS).map(({ name }) => name)
    expect(names).toEqual(['lo', 'eth0', 'br-ct', 's64-blog-e9fc4f', 's64-db-8ee3f6', 'br0', 'v1', 'v0'])
  })

  it('reads our bridge with its marks', () => {
    expect(linkOf('br-ct')).toMatchObject({
      type: 'bridge',
      mac: '02:11:22:33:44:55',
      mtu: 1500,
      up: true,
      alias: 'slash64:br-ct',
      group: '164',
      master: undefined,
    })
  })

  it('reads a bridge port: master, hairpin, and that its peer is elsewhere', () => {
    const port = linkOf('s64-blog-e9fc4f')
    expect(port).toMatchObject({
      type: 'veth',
      master: 'br-ct',
      hairpin: true,
      isolated: false,
      peerElsewhere: true,
    })
    expect(port?.peerIndex).toBe(2)
  })

  it('tells a veth pair of one namespace from one that reaches into another', () => {
    expect(linkOf('v0')?.peerElsewhere).toBe(false)
    expect(linkOf('v0')).toMatchObject({ alias: '', group: '0', up: false })
  })

  it('reads addresses with the metric that marks ours, and tells link-local ones', () => {
    const addresses = linkOf('br-ct')?.addresses ?? []
    const global = addresses.filter(({ linkLocal }) => !linkLocal)
    expect(global).toEqual([
      {
        family: 4,
        address: '10.64.0.1',
        length: 24,
        metric: 164,
        linkLocal: false,
        deprecated: false,
        lasting: true,
      },
      {
        family: 6,
        address: '2001:db8:1:1::1:1',
        length: 128,
        metric: 164,
        linkLocal: false,
        deprecated: true,
        lasting: false,
      },
    ])
    expect(addresses.filter(({ linkLocal }) => linkLocal).map(({ address }) => address)).toEqual([
      'fe80::11:22ff:fe33:4455',
    ])
  })

  it('reads a host before anything of ours is there', () => {
    const before = capture('iproute2-6.1.0/links-before.json')
    expect(parseLinks(before).map(({ name }) => name)).toEqual(['lo', 'eth0'])
    expect(linkOf('eth0', before)?.addresses.map(({ address }) => address)).toContain('203.0.113.2')
  })

  it('leaves out the empty entries that a filter of ip leaves behind', () => {
    expect(parseLinks('[{},{"ifname":"lo","addr_info":[{}]}]')).toMatchObject([{ name: 'lo', addresses: [] }])
  })
})

describe('what is not that', () => {
  it.each(NO_LISTS)('%s is garbled', (_, text) => {
    expect(() => parseLinks(text)).toThrow(expect.objectContaining({ name: 'SystemError', code: 'garbled' }))
  })

  it.each([1, 2, 40, 5000])('a text that lacks its last %i characters is garbled', (count) => {
    expect(() => parseLinks(truncated(LINKS, count))).toThrow(expect.objectContaining({ code: 'garbled' }))
  })

  it('addresses that are no list are garbled, not none', () => {
    const text = '[{"ifname":"eth0","addr_info":{}}]'
    expect(() => parseLinks(text)).toThrow(expect.objectContaining({ code: 'garbled' }))
  })
})
