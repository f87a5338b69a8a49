import { expect } from 'vitest'
import type { ContainerConfig, RuntimeConfig } from '../../src/config/types.ts'
import type { StatusDocument } from '../../src/report/status.ts'
import { curl } from '../lab/curl.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually, type Result } from '../lab/process.ts'
import type { RealContainer } from '../lab/runtimes/types.ts'
import { expectExit, forward, HOST, IPV6, networkYaml, type PlanDocument } from './fixtures.ts'

/** A container of a real runtime, as it is declared. It serves its name by HTTP on port 80. */
export interface Subject {
  readonly real: RealContainer
  /** The last part of both of its addresses. */
  readonly number: number
  readonly runtime: RuntimeConfig
  /** The runtime puts it on our bridge, which has to be there before; else slash64 makes the pair. */
  readonly isPort: boolean
}

/** A lab's host with containers of one runtime, and slash64 where that runtime's program knows them. */
export interface Scene {
  readonly lab: Lab
  readonly subjects: readonly Subject[]
  /** The built command line; `path`: folders to be looked for programs in first. */
  readonly slash64: (args: readonly string[], options?: SceneOptions) => Promise<Result>
  /** The program by which this runtime is asked. */
  readonly tool: string
  /** Where that program is, before the usual places. */
  readonly folders?: readonly string[]
  readonly end: () => Promise<void>
}

export interface SceneOptions {
  readonly yaml?: string
  readonly path?: readonly string[]
  /** The one folder in which programs are looked for, in place of every other. */
  readonly onlyPath?: string
}

/** What a container runs before anything else: its name is served, dual stack. */
export function serving(name: string): string {
  return `echo ${name} >/root/index.html; httpd -h /root -p 80`
}

/** `aside` is nobody's concern: by it one sees that the rest of the host is kept as the file says. */
export const ASIDE = `${IPV6}1:99`
const ASIDE_CONTAINER = { runtime: 'none', ipv6: '::1:99', ipv4: '10.64.0.99' } as const

export function sceneYaml(subjects: readonly Subject[]): string {
  const containers = Object.fromEntries(
    subjects.map(({ real, number, runtime }): [string, ContainerConfig] => [
      real.name,
      { runtime, ipv6: `::1:${number}`, ipv4: `10.64.0.${number}`, expose: ['80/tcp'] },
    ]),
  )
  return networkYaml({
    containers: { ...containers, aside: ASIDE_CONTAINER },
    nat: {
      forwards: subjects.map(({ real, number }) => forward(`${8000 + number}/tcp -> ${real.name}:80`)),
    },
    routes: subjects.map(({ real }) => ({ host: `${real.name}.example.org`, to: real.name, https: 'off' })),
  })
}

/** One pass that must converge, and say nothing of errors. */
export async function pass({ slash64 }: Scene, options: SceneOptions = {}): Promise<PlanDocument> {
  const result = await slash64(['reconcile', '--once', '-o', 'json'], options)
  const document: PlanDocument = JSON.parse(result.stdout)
  expect({ exitCode: result.exitCode, errors: document.errors }).toEqual({ exitCode: 0, errors: [] })
  return document
}

export async function planOf({ slash64 }: Scene): Promise<PlanDocument> {
  const result = await slash64(['plan', '-o', 'json'])
  expectExit(result, 0)
  return JSON.parse(result.stdout)
}

export async function statusOf({ slash64 }: Scene, exitCode = 0): Promise<StatusDocument> {
  const result = await slash64(['status', '-o', 'json'])
  expectExit(result, exitCode)
  return JSON.parse(result.stdout)
}

/** `running`, `absent`, ... of each subject, by name. */
export async function statesOf(scene: Scene, exitCode = 0): Promise<Readonly<Record<string, string>>> {
  const { containers } = await statusOf(scene, exitCode)
  return Object.fromEntries(
    containers.filter(({ name }) => name !== 'aside').map(({ name, state }) => [name, state]),
  )
}

/** The internet reaches it by every way that the file gives it. */
export async function expectReached({ lab }: Scene, { real, number }: Subject): Promise<void> {
  const six = `${IPV6}1:${number}`
  expect({ name: real.name, ping: await lab.ping('internet', six) }).toMatchObject({ ping: { received: 1 } })
  const [direct, forwarded] = await Promise.all([
    curl(lab, 'internet', six, 'http://direct.example.org/'),
    curl(lab, 'internet', HOST, `http://forwarded.example.org:${8000 + number}/`),
  ])
  for (const answer of [direct, forwarded])
    expect(answer).toMatchObject({ status: 200, body: `${real.name}\n` })
  // The reverse proxy looks every other second whether a server that was down is back.
  const isRouted = async (): Promise<boolean> => {
    const { body } = await curl(lab, 'internet', HOST, `http://${real.name}.example.org/`)
    return body === `${real.name}\n`
  }
  expect({ name: real.name, isRouted: await eventually(isRouted) }).toMatchObject({ isRouted: true })
}

/** Nothing of it but its place in the firewall and the routes: no proxy neighbour, no link. */
export async function expectWithdrawn({ lab }: Scene, subjects: readonly Subject[]): Promise<void> {
  const proxies = await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])
  for (const { number } of subjects) expect(proxies).not.toContain(`${IPV6}1:${number} `)
}

/** The ports of the bridge: the host's ends of all pairs. */
export async function portsOf({ lab }: Scene): Promise<readonly string[]> {
  const text = await lab.must('host', ['ip', '-br', 'link', 'show', 'type', 'veth'])
  const names = text.split('\n').flatMap((line) => /^(\S+?)@/.exec(line)?.[1] ?? [])
  return names.filter((name) => name !== 'eth0')
}
