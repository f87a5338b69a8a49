import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { validate } from '../../src/config/generated/validate-schema.js'
import type {
  Config,
  ContainerConfig,
  ForwardConfig,
  NetworkConfig,
  RouteConfig,
} from '../../src/config/types.ts'
import type { RuntimeConfig } from '../../src/config/types.ts'

interface Node {
  readonly [key: string]: unknown
  readonly properties?: Readonly<Record<string, Node>>
  readonly definitions: Readonly<Record<string, Node>>
}

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/network.schema.json', import.meta.url), 'utf8'),
) as Node

/** Every key of a type, required: the compiler refuses this when the type gains or loses one. */
type Keys<Type> = Readonly<Record<keyof Required<Type>, true>>
const KEYS = {
  '': {
    $schema: true,
    apiVersion: true,
    kind: true,
    upstream: true,
    prefix: true,
    networks: true,
    containers: true,
    nat: true,
    routes: true,
    firewall: true,
    policy: true,
    metrics: true,
  } satisfies Keys<Config>,
  upstream: { interface: true, ipv4: true } satisfies Keys<Config['upstream']>,
  prefix: { cidr: true, delivery: true } satisfies Keys<Config['prefix']>,
  nat: { source: true, forwards: true } satisfies Keys<NonNullable<Config['nat']>>,
  firewall: {
    ipv6: true,
    eastWest: true,
    antiSpoof: true,
    metadata: true,
    toHost: true,
    limits: true,
  } satisfies Keys<NonNullable<Config['firewall']>>,
  policy: { prune: true, maxDeletes: true } satisfies Keys<NonNullable<Config['policy']>>,
  metrics: { containers: true } satisfies Keys<NonNullable<Config['metrics']>>,
}
const DEFINITION_KEYS = {
  network: { ipv6: true, ipv4: true, mtu: true } satisfies Keys<NetworkConfig>,
  container: {
    network: true,
    runtime: true,
    ipv6: true,
    ipv4: true,
    mac: true,
    expose: true,
  } satisfies Keys<ContainerConfig>,
  runtime: { type: true, name: true, interface: true, path: true } satisfies Keys<RuntimeConfig>,
  forward: { listen: true, to: true, from: true } satisfies Keys<ForwardConfig>,
  route: {
    host: true,
    to: true,
    http: true,
    https: true,
    proxyProtocol: true,
    ipv6: true,
  } satisfies Keys<RouteConfig>,
}

function keysOf(node: Node | undefined): readonly string[] {
  return Object.keys(node?.properties ?? {}).toSorted()
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

function objects(node: Node, place: string): readonly (readonly [string, Node])[] {
  const below = Object.entries(node).flatMap(([key, value]) =>
    isNode(value) ? objects(value, `${place}/${key}`) : [],
  )
  return node['type'] === 'object' ? [[place, node], ...below] : below
}

describe('schema', () => {
  test.each(Object.entries(KEYS))('keys of "%s" are those of the type', (key, keys) => {
    const node = key === '' ? schema : schema.properties?.[key]
    expect(keysOf(node)).toEqual(Object.keys(keys).toSorted())
  })

  test.each(Object.entries(DEFINITION_KEYS))('keys of %s are those of the type', (name, keys) => {
    expect(keysOf(schema.definitions[name])).toEqual(Object.keys(keys).toSorted())
  })

  test.each(objects(schema, ''))('%s knows its keys, and describes each', (_place, node) => {
    expect(node).toHaveProperty('additionalProperties')
    expect(node['additionalProperties']).not.toBe(true)
    for (const property of Object.values(node.properties ?? {})) {
      const { $ref: reference = '' } = property
      const described =
        property['description'] ??
        schema.definitions[String(reference).split('/').at(-1) ?? '']?.['description']
      expect(described).toMatch(/.{8}/)
    }
  })

  test('is draft-07, and the generated validator agrees with it', () => {
    expect(schema['$schema']).toContain('draft-07')
    const compiled = new Ajv({ allErrors: true, strict: true }).compile(schema)
    const base = {
      apiVersion: 'slash64/v1',
      kind: 'Network',
      upstream: { interface: 'eth0' },
      prefix: { cidr: '::/64' },
      networks: { a: {} },
    }
    for (const value of [
      base,
      { ...base, x: 1 },
      { ...base, networks: {} },
      null,
      [],
      { ...base, routes: [{ host: 'a', to: 'b', http: 0 }] },
    ])
      expect(validate(value)).toBe(compiled(value))
  })

  test('the generated validator needs no other module', () => {
    const code = readFileSync(
      new URL('../../src/config/generated/validate-schema.js', import.meta.url),
      'utf8',
    )
    expect(code).not.toMatch(/\brequire\(|^import /m)
  })
})
