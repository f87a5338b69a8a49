import { expect } from 'vitest'
import type { Config, ContainerConfig, ForwardConfig } from '../../src/config/types.ts'
import type { Lab } from '../lab/lab.ts'
import type { Result } from '../lab/process.ts'
import { ADDRESSES } from '../lab/topology.ts'

/** The prefix's first bits, for addresses as they are seen on the wire: `${IPV6}1:2`. */
export const IPV6 = '2001:db8:1:1::'
export const HOST = ADDRESSES.host

/** A container of the lab with the addresses ::1:N and 10.64.0.N. */
export function container(
  lab: Lab,
  place: string,
  number: number,
  more: ContainerConfig = {},
): ContainerConfig {
  return {
    runtime: { type: 'netns', name: lab.namespace(place) },
    ipv6: `::1:${number}`,
    ipv4: `10.64.0.${number}`,
    ...more,
  }
}

/** network.yaml with the lab's host, one network, and what the test says. JSON is YAML, and needs no library. */
export function networkYaml(parts: Partial<Config>): string {
  const config: Config = {
    apiVersion: 'slash64/v1',
    kind: 'Network',
    upstream: { interface: 'eth0', ipv4: ADDRESSES.host },
    prefix: { cidr: ADDRESSES.prefix, delivery: 'on-link' },
    networks: { 'br-ct': { ipv6: '::1:0/112', ipv4: '10.64.0.0/24' } },
    ...parts,
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

/** `2222/tcp -> db:22` as the file's forward. */
export function forward(text: string, ...from: readonly string[]): ForwardConfig {
  const [listen = '', to = ''] = text.split(' -> ')
  return { listen, to, ...(from.length > 0 && { from }) }
}

/** One pass that must converge. */
export async function reconcile(lab: Lab, yaml?: string): Promise<Result> {
  const result = await lab.slash64(['reconcile', '--once'], yaml === undefined ? {} : { yaml })
  expectExit(result, 0)
  return result
}

export interface PlanDocument {
  readonly formatVersion: string
  readonly hasChanges: boolean
  readonly summary: Readonly<
    Record<'create' | 'update' | 'delete' | 'heldBack' | 'inSync' | 'foreign', number>
  >
  readonly changes: readonly {
    readonly kind: string
    readonly key: string
    readonly action: string
    readonly cause: string
    readonly reason: string
  }[]
  readonly errors: readonly unknown[]
}

/** `slash64 plan -o json`, which must work. */
export async function plan(lab: Lab, yaml?: string): Promise<PlanDocument> {
  const result = await lab.slash64(['plan', '-o', 'json'], yaml === undefined ? {} : { yaml })
  expectExit(result, 0)
  return JSON.parse(result.stdout)
}

/** What an unreachable port looks like from outside; `refused` would mean that the packet got through. */
export const CLOSED: readonly string[] = ['timeout', 'unreachable']

/** The exit code, with all that the program said if it is another. */
export function expectExit(result: Result, exitCode: number): void {
  if (result.exitCode === exitCode) return
  expect.fail(`exit code ${result.exitCode} and not ${exitCode}:\n${result.stderr}\n${result.stdout}`)
}

/** A message for people: says the words, in few lines, and shows no stack. */
export function expectClearMessage(result: Result, exitCode: number, words: RegExp): void {
  const said = result.stderr + result.stdout
  expectExit(result, exitCode)
  expect(said).toMatch(words)
  expect(said).not.toMatch(/^\s+at .*[:(]\d+/m)
  expect(said).not.toMatch(/node:internal|UnhandledPromise|\[object Object\]/)
}
