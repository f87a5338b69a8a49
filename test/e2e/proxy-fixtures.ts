import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ContainerConfig, RouteConfig } from '../../src/config/types.ts'
import type { Outcome, Visit } from '../lab/agent-protocol.ts'
import { findHaproxies } from '../lab/haproxies.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { ADDRESSES } from '../lab/topology.ts'
import { serveWeb, visit } from '../lab/web.ts'
import { container, HOST, networkYaml } from './fixtures.ts'

export const HOST6 = ADDRESSES.host6
export const CLIENT = ADDRESSES.internet
export const CLIENT6 = ADDRESSES.internet6
/** Connections that were closed without a word of the sites behind. */
export const SHUT: Outcome = { outcome: 'closed' }

/** A lab whose containers serve HTTP on 80 and TLS on 443, with certificates for NAME.example.org. */
export async function createSites(...places: readonly string[]): Promise<Lab> {
  const lab = await createLab({ containers: places })
  const serve = async (place: string): Promise<void> => {
    await serveWeb(lab, place, 80)
    await serveWeb(lab, place, 443, { certificate: `${place}.example.org` })
  }
  await Promise.all(places.map(serve)).catch(async (error: unknown) => {
    await lab.destroy()
    throw error
  })
  return lab
}

/** The containers in the order of their numbers, from 2. */
export function containersOf(
  lab: Lab,
  ...places: readonly string[]
): Readonly<Record<string, ContainerConfig>> {
  return Object.fromEntries(places.map((place, index) => [place, container(lab, place, index + 2)]))
}

/** The place's route under its own name, reached through the host over both families unless told. */
export function route(to: string, more: Partial<RouteConfig> = {}): RouteConfig {
  return { host: `${to}.example.org`, to, ipv6: 'proxy', ...more }
}

/** network.yaml with these containers and routes. */
export function routesYaml(lab: Lab, places: readonly string[], routes: readonly RouteConfig[]): string {
  return networkYaml({ containers: containersOf(lab, ...places), routes })
}

/** A visit by HTTP, at the host's IPv4 unless told. */
export function web(host: string, more: Partial<Visit> = {}): Visit {
  return { address: HOST, port: 80, host, ...more }
}

/** The same over TLS. */
export function tls(host: string, more: Partial<Visit> = {}): Visit {
  return { address: HOST, port: 443, tls: true, host, ...more }
}

/** The container that answers a visit from the internet, or the status or outcome where none does. */
export async function whoAnswers(lab: Lab, order: Visit): Promise<string> {
  const { outcome, status, body = '' } = await visit(lab, 'internet', order)
  if (outcome !== 'answered') return outcome
  return status === 200 ? (body.split(':')[0] ?? '') : String(status)
}

export function stateFolder(lab: Lab): string {
  return join(lab.stateDirectory, 'proxy')
}

export function runFolder(lab: Lab): string {
  return join(lab.directory, 'run/proxy')
}

/** Every file and socket below the folder; empty where there is no such folder. */
export function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
}

/** All that lasts of the reverse proxy's configuration, for telling whether anybody touched it. */
export function configurationText(lab: Lab): string {
  const names = ['haproxy.cfg', 'backends.cfg', 'http.map', 'tls.map']
  return names.map((name) => readFileSync(join(stateFolder(lab), name), 'utf8')).join('\n---\n')
}

/** Says one line to a socket of the lab's own HAProxy; resolves to the answer. */
export async function say(lab: Lab, socket: 'admin' | 'master', line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const client = connect(join(runFolder(lab), `${socket}.sock`))
    client.setEncoding('utf8').setTimeout(30_000, () => client.destroy(new Error('the socket is silent')))
    client.on('data', (chunk) => (text += String(chunk)))
    client.on('error', reject).on('close', () => resolve(text))
    client.end(`${line}\n`)
  })
}

export interface Processes {
  readonly master: number
  /** The newest one; those before it only finish what they began. */
  readonly worker: number
}

/** slash64's own HAProxy, told by its configuration; 0 for what does not run. */
export function processes(lab: Lab): Processes {
  const ours = findHaproxies(stateFolder(lab))
  const master = ours.find(({ pid }) => ours.some(({ parent }) => parent === pid))?.pid ?? 0
  const workers = ours.filter(({ parent }) => parent === master)
  const [newest] = workers.toSorted((one, other) => other.started - one.started)
  return { master, worker: newest?.pid ?? 0 }
}

/** Whether any process of slash64's own HAProxy runs. */
export function isRunning(lab: Lab): boolean {
  return findHaproxies(stateFolder(lab)).length > 0
}

/** Words that run a command with a program of this name and text in front of the real one. */
export function wrapped(lab: Lab, program: string, script: string): readonly string[] {
  const folder = join(lab.directory, 'wrapped')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, program), 0o755)
  return ['env', `PATH=${folder}:${process.env['PATH']}`]
}

/** The key of a change in a plan, as `action kind key`. */
export function changeNames(
  changes: readonly { readonly action: string; readonly kind: string; readonly key: string }[],
): readonly string[] {
  return changes.map(({ action, kind, key }) => `${action} ${kind} ${key}`)
}

/** Each name is served by this container, over HTTP and TLS, through the host's IPv4. */
export async function expectServed(lab: Lab, ...places: readonly string[]): Promise<void> {
  for (const place of places) {
    expect(await whoAnswers(lab, web(`${place}.example.org`))).toBe(place)
    expect(await whoAnswers(lab, tls(`${place}.example.org`))).toBe(place)
  }
}
