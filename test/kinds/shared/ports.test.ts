import { describe, expect, it } from 'vitest'
import { isTaken, portMap } from '../../../src/kinds/shared/ports.ts'
import { readFacts } from '../../../src/facts/facts.ts'
import { vethName } from '../../../src/model/identity.ts'
import type { Attachment, World } from '../../../src/model/world.ts'
import { capture, capturedReplies } from '../../support/captures.ts'
import { capturedModel, container, model, PLACES, world } from '../../support/model.ts'
import { without } from '../support.ts'

const BLOG = container('blog', 2)
const PORT = vethName(BLOG.runtime)
const DB_PORT = vethName(container('db', 3).runtime)
const LINKS = capture('iproute2-6.1.0/links.json')

/** The ports on the host of the captures. */
function portsOf(of = capturedModel(), links = LINKS) {
  return readFacts(of, capturedReplies({ links }), PLACES).ports
}

function knownOf(containers: World['model']['containers'], attachment?: Attachment): readonly string[] {
  const facts = containers.map(
    ({ name }) =>
      [name, { state: 'running' as const, ipv4: [], ipv6: [], ...(attachment && { attachment }) }] as const,
  )
  return [...portMap(world(model({ containers }), { containers: new Map(facts) })).known]
}

describe('the ports of our bridges', () => {
  it('are whatever is plugged into a bridge of the file, with the pairs that we made told from others', () => {
    expect(portsOf()).toEqual([
      { name: PORT, bridge: 'br-ct', ours: true },
      { name: DB_PORT, bridge: 'br-ct', ours: true },
    ])
    const theirs = LINKS.replace(`"ifalias":"slash64:db"`, '"ifalias":"x"').replace(
      `"ifname":"${DB_PORT}"`,
      '"ifname":"vethX"',
    )
    expect(portsOf(capturedModel(), theirs)[1]).toEqual({ name: 'vethX', bridge: 'br-ct', ours: false })
    expect(portsOf(model({ networks: [] }))).toEqual([])
  })

  it('of containers that left the file leave with their pairs', () => {
    const ports = portsOf()
    const { facts, ...only } = without('db')
    expect([...portMap({ ...only, facts: { ...facts, ports } }).leaving]).toEqual([DB_PORT])
    expect([...portMap(world(capturedModel(), { ports })).leaving]).toEqual([])
  })

  it('that somebody plugged in never leave by us', () => {
    const ports = [{ name: 'tap0', bridge: 'br-ct', ours: false }]
    expect(portMap(world(model(), { ports })).leaving.size).toBe(0)
  })
})

describe('the port of a container', () => {
  it.each([
    ['nobody has looked', undefined, PORT],
    ['it has no interface yet', { type: 'none' }, PORT],
    ['its pair is ours', { type: 'ours' }, PORT],
    ['something is in the way', { type: 'elsewhere', what: 'an interface' }, PORT],
    ['its runtime made one', { type: 'port', port: 'vethX' }, 'vethX'],
  ] as const)('where %s', (_, attachment, port) => {
    expect(knownOf([BLOG], attachment)).toEqual([port])
  })

  it('is nobody’s to know where somebody else configures it', () => {
    expect(knownOf([{ ...BLOG, runtime: { ...BLOG.runtime, type: 'none' } }])).toEqual([])
  })
})

describe('containers of which nothing could be read', () => {
  it('are those, and not the absent ones', () => {
    const containers = new Map(
      (['blog', 'db'] as const).map((name) => [
        name,
        { state: name === 'db' ? ('unknown' as const) : ('absent' as const), ipv4: [], ipv6: [] },
      ]),
    )
    expect(portMap(world(capturedModel(), { containers })).unread.map(({ name }) => name)).toEqual(['db'])
  })
})

describe('a bridge that only bears the name of ours', () => {
  it('takes the ports that are plugged into it, and no others', () => {
    const of = world(model(), {
      ports: [
        { name: 'tap0', bridge: 'br-ct', ours: false },
        { name: 'tap1', bridge: 'br-two', ours: false },
      ],
      takenNetworks: new Set(['br-ct']),
    })
    expect(['tap0', 'tap1', 'tap2'].map((name) => isTaken(name, of))).toEqual([true, false, false])
  })
})
