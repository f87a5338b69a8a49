import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { System } from '../../src/system/port.ts'
import { freshHost } from '../support/memory.ts'
import { fakeRuntimes } from '../support/runtimes/fake-runtimes.ts'
import type { FakeRuntimes } from '../support/runtimes/fake-runtimes.ts'
import { endProxies, namespaceSystem } from '../support/namespace-system.ts'
import { appOf, byHand, changeLines, converge } from '../support/passes.ts'
import { CHANGE_CASES } from './cases-changes.ts'
import { FIREWALL_CASES } from './cases-firewall.ts'
import { FRAME_CASES } from './cases-frames.ts'
import { LINK_CASES } from './cases-links.ts'
import { PORT_CASES } from './cases-ports.ts'
import { PROXY_CASES } from './cases-proxy.ts'
import { RUNTIME_CASES, RUNTIMES_PORT } from './cases-runtimes.ts'
import { ROUTE_CASES } from './cases-routes.ts'
import { TRAFFIC_CASES } from './cases-traffic.ts'
import { BLOG, DB, WHOLE } from './drift-case.ts'
import type { DriftCase } from './drift-case.ts'

const CASES = [
  ...LINK_CASES,
  ...ROUTE_CASES,
  ...FIREWALL_CASES,
  ...FRAME_CASES,
  ...PORT_CASES,
  ...TRAFFIC_CASES,
  ...CHANGE_CASES,
  ...PROXY_CASES,
  ...RUNTIME_CASES,
]

/**
 * What the pass after the drift changed, and what one more would. One list of cases, on the host in memory and on the
 * kernel: neither may know something that the other does not.
 */
async function heal(
  host: System,
  { model = WHOLE, next = model, prepare = [], drift }: DriftCase,
): Promise<Healing> {
  await byHand(host, ...prepare)
  await converge(host, model)
  await byHand(host, ...drift)
  const healing = await converge(host, next)
  const second = await appOf(host).plan(next)
  const changed = changeLines(healing.plan).map((line) =>
    line.replace(/ \(\w+\)$/, '').replace(/\bveth\d+\b/, RUNTIMES_PORT),
  )
  return { changed, left: changeLines(second.plan) }
}

interface Healing {
  readonly changed: readonly string[]
  readonly left: readonly string[]
}

describe('in memory', () => {
  it.each(CASES.filter(({ only }) => only === undefined))('$name', async (one) => {
    expect(await heal(freshHost([BLOG, DB]), one)).toEqual({ changed: one.expected, left: [] })
  })
})

const HOST = 's64-case-host'
const ROUTER = 's64-case-router'
const directory = mkdtempSync(join(tmpdir(), 'conformance-'))
let runtimes: FakeRuntimes | undefined

function batch(...lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] })
}

function removeNamespaces(): void {
  const made = [HOST, ROUTER, BLOG, DB].filter((name) => existsSync(`/run/netns/${name}`))
  if (made.length > 0) batch(...made.map((name) => `netns delete ${name}`))
}

/** The namespaces, and what the last host's instance kept. */
function forget(): void {
  runtimes?.end()
  runtimes = undefined
  endProxies(directory)
  removeNamespaces()
  rmSync(directory, { recursive: true, force: true })
}

/** A host whose upstream interface leads to a router that says nothing. */
function kernelHost(): System {
  if (process.env['SLASH64_ENTERED'] !== 'yes') throw new Error('kernel cases run only under .ci/enter')
  forget()
  batch(
    ...[HOST, ROUTER, BLOG, DB].map((name) => `netns add ${name}`),
    `link add name eth0 netns ${HOST} type veth peer name lan netns ${ROUTER}`,
  )
  execFileSync('ip', ['-n', ROUTER, 'link', 'set', 'dev', 'lan', 'up'])
  execFileSync('ip', ['-n', HOST, '-batch', '-'], {
    input:
      'link set dev lo up\nlink set dev eth0 up\naddr add 203.0.113.2/24 dev eth0\n' +
      'addr add 2001:db8:1:1::2/64 dev eth0 nodad\nroute add default via 203.0.113.1\n' +
      'route add default via fe80::1 dev eth0\n',
  })
  runtimes = fakeRuntimes(directory)
  return namespaceSystem(HOST, directory, runtimes.path)
}

afterAll(forget)

describe('on the kernel', () => {
  // A healed host serves the next case too; after a failure, and for what must be prepared, a fresh one is made.
  let healed: System | undefined

  it.each(CASES)('$name', async (one) => {
    const host = one.prepare === undefined && healed !== undefined ? healed : kernelHost()
    healed = undefined
    expect(await heal(host, one)).toEqual({ changed: one.expected, left: [] })
    healed = host
  })
})
