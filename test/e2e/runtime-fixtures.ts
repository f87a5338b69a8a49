import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ContainerConfig, RuntimeConfig } from '../../src/config/types.ts'
import type { StatusDocument } from '../../src/report/status.ts'
import { curl } from '../lab/curl.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually, type Result } from '../lab/process.ts'
import { writeScript } from '../lab/runtimes/rootfs.ts'
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
  readonly end: () => Promise<void>
}

export interface SceneOptions {
  readonly yaml?: string
  readonly path?: readonly string[]
}

/** What a container runs before anything else: its name is served, dual stack. */
export function serving(name: string): string {
  return `echo ${name} >/root/index.html; httpd -h /root -p 80`
}

export function sceneYaml(subjects: readonly Subject[]): string {
  const containers = Object.fromEntries(
    subjects.map(({ real, number, runtime }): [string, ContainerConfig] => [
      real.name,
      { runtime, ipv6: `::1:${number}`, ipv4: `10.64.0.${number}`, expose: ['80/tcp'] },
    ]),
  )
  return networkYaml({
    containers,
    nat: {
      forwards: subjects.map(({ real, number }) => forward(`${8000 + number}/tcp -> ${real.name}:80`)),
    },
    routes: subjects.map(({ real }) => ({ host: `${real.name}.example.org`, to: real.name, https: 'off' })),
  })
}

/** One pass that must converge, and say nothing of errors. */
export async function pass({ slash64 }: Scene, options: SceneOptions = {}): Promise<PlanDocument> {
  const result = await slash64(['reconcile', '--once', '-o', 'json'], options)
  expectExit(result, 0)
  const document: PlanDocument = JSON.parse(result.stdout)
  expect(document.errors).toEqual([])
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

/** `running`, `absent`, ... by name. */
export async function statesOf(scene: Scene): Promise<Readonly<Record<string, string>>> {
  const { containers } = await statusOf(scene)
  return Object.fromEntries(containers.map(({ name, state }) => [name, state]))
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
  expect({ name: real.name, isRouted: await eventually(isRouted, 6_000) }).toMatchObject({ isRouted: true })
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

/** A folder for `path` in which the program is a script: `lines` first, then the real one with the same words. */
export function inFront({ lab }: Scene, program: string, lines: string, realFolder = ''): string {
  const folder = join(lab.directory, `in-front-${program}`)
  const path = [realFolder, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].filter((part) => part !== '').join(':')
  writeTool(folder, program, `${lines}\nPATH='${path}' exec ${program} "$@"\n`)
  return folder
}

function writeTool(folder: string, program: string, text: string): void {
  mkdirSync(folder, { recursive: true })
  writeScript(join(folder, program), text)
}
