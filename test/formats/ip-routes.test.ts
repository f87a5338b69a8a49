import { describe, expect, it } from 'vitest'
import { parseProxies, parseRoutes } from '../../src/formats/ip-routes.ts'
import { capture } from '../support/captures.ts'
import { NO_LISTS, truncated } from './garbage.ts'

const ROUTES6 = capture('iproute2-6.1.0/routes6.json')
const PROXIES = capture('iproute2-6.1.0/proxies.json')

describe('ip -N -j route show, iproute2 6.1.0', () => {
  it('reads a route of a container, marked by protocol 164', () => {
    const route = parseRoutes(ROUTES6).find(({ destination }) => destination === '2001:db8:1:1::1:2')
    expect(route).toEqual({
      destination: '2001:db8:1:1::1:2',
      unreachable: false,
      gateway: undefined,
      device: 'br-ct',
      protocol: '164',
      metric: 164,
      table: '254',
      family: 6,
    })
  })

  it('reads the unreachable slice, whose type is the number 7', () => {
    const [slice, ...others] = parseRoutes(ROUTES6).filter(({ unreachable }) => unreachable)
    expect(slice).toMatchObject({ destination: '2001:db8:1:1::1:0/112', protocol: '164', metric: 4096 })
    expect(others.map(({ protocol }) => protocol)).toEqual(['0'])
  })

  it('keeps what others let end here, such as blackhole: it can stand in the way', () => {
    const blackhole = parseRoutes(ROUTES6).find(({ destination }) => destination === '2001:db8:dead::/48')
    expect(blackhole).toMatchObject({ unreachable: true, family: 6 })
  })

  it('reads IPv4 routes, default routes and their gateways', () => {
    const routes = parseRoutes(capture('iproute2-6.1.0/routes4.json'))
    expect(routes.find(({ destination }) => destination === 'default')).toMatchObject({
      gateway: '203.0.113.1',
      device: 'eth0',
      metric: 0,
    })
    expect(routes.find(({ destination }) => destination === '192.0.2.0/24')).toMatchObject({
      protocol: '4',
      metric: 50,
    })
  })

  it('an empty list is an answer', () => {
    expect(parseRoutes('[]\n')).toEqual([])
  })

  it.each(NO_LISTS)('%s is garbled', (_, text) => {
    expect(() => parseRoutes(text)).toThrow(expect.objectContaining({ name: 'SystemError', code: 'garbled' }))
  })

  it.each([1, 2, 99])('a text that lacks its last %i characters is garbled', (count) => {
    expect(() => parseRoutes(truncated(ROUTES6, count))).toThrow(expect.objectContaining({ code: 'garbled' }))
  })
})

describe('ip -N -j -6 neigh show proxy, iproute2 6.1.0', () => {
  it('tells ours from an entry without a protocol', () => {
    const protocols = new Map(parseProxies(PROXIES).map(({ address, protocol }) => [address, protocol]))
    expect(protocols.get('2001:db8:1:1::1:2')).toBe('164')
    expect(protocols.get('2001:db8:1:1::99')).toBe('0')
    expect(protocols.size).toBe(4)
  })

  it('reads a host without any', () => {
    expect(parseProxies(capture('iproute2-6.1.0/proxies-before.json'))).toEqual([])
  })

  it.each(NO_LISTS)('%s is garbled', (_, text) => {
    expect(() => parseProxies(text)).toThrow(
      expect.objectContaining({ name: 'SystemError', code: 'garbled' }),
    )
  })

  it('an entry without its device, as a filtered listing prints it, is garbled', () => {
    expect(() => parseProxies('[{"dst":"2001:db8::5","proxy":null}]')).toThrow(
      expect.objectContaining({ code: 'garbled' }),
    )
  })

  it.each([1, 2, 99])('a text that lacks its last %i characters is garbled', (count) => {
    expect(() => parseProxies(truncated(PROXIES, count))).toThrow(
      expect.objectContaining({ code: 'garbled' }),
    )
  })
})
