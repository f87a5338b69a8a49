import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nextNumber, startAgent, type Agent } from './agent-client.ts'
import { endHaproxies } from './haproxies.ts'
import { parsePing, type Ping } from './ping.ts'
import { inNamespace, mustRun, runCommand, type Result, type RunOptions } from './process.ts'
import {
  containerSetup,
  hostSetup,
  internetSetup,
  routerSetup,
  setupCommand,
  wiring,
  type Delivery,
  type Setup,
} from './topology.ts'

export interface LabOptions {
  readonly delivery?: Delivery
  /** Short names; each becomes a namespace with only `lo`. */
  readonly containers?: readonly string[]
}

export interface TalkOptions {
  readonly timeoutMs?: number
  /** Source address of the conversation. */
  readonly source?: string
}

export interface SlashOptions extends RunOptions {
  /** Written to network.yaml before the run; left out: the file of the last run stands. */
  readonly yaml?: string
  /** Runs in this place (`host`, a container) and not in the host. */
  readonly place?: string
  /** Words before `node`, for example `['setpriv', ...]`. */
  readonly wrap?: readonly string[]
}

/** A provider, the internet, a host and containers. Places are `internet`, `router`, `host` and the containers' names. */
export interface Lab {
  readonly id: string
  /** Temporary directory: network.yaml, state and run directory. */
  readonly directory: string
  readonly stateDirectory: string
  /** The place's network namespace by its name below /run/netns. */
  readonly namespace: (place: string) => string
  /** The place's helper, started when it is first asked for. */
  readonly agent: (place: string) => Agent
  readonly run: (place: string, argv: readonly string[], options?: RunOptions) => Promise<Result>
  /** The same, but a failure is an error. */
  readonly must: (place: string, argv: readonly string[], options?: RunOptions) => Promise<string>
  /** `ip -batch` in the place; a failure is an error. */
  readonly ip: (place: string, ...lines: readonly string[]) => Promise<void>
  readonly writeSysctl: (place: string, name: string, value: string | number) => Promise<void>
  readonly readSysctl: (place: string, name: string) => Promise<string>
  readonly ping: (
    place: string,
    address: string,
    options?: { readonly count?: number; readonly ttl?: number },
  ) => Promise<Ping>
  /** Serves ports (`443/tcp`) on every address of the place; each answer is `name:port peer address`. */
  readonly serve: (place: string, ...ports: readonly string[]) => Promise<void>
  /** The line that the server said, or `refused`, `timeout`, `unreachable`, `reset`. */
  readonly tcp: (place: string, address: string, port: number, options?: TalkOptions) => Promise<string>
  readonly udp: (place: string, address: string, port: number, options?: TalkOptions) => Promise<string>
  /** Opens a TCP connection that stays; an error if nobody answers. */
  readonly stream: (place: string, address: string, port: number) => Promise<Stream>
  /** Makes the router and the internet forget every neighbour, as after a long silence. */
  readonly forgetNeighbours: () => Promise<void>
  readonly conntrack: () => Promise<string>
  readonly slash64: (args: readonly string[], options?: SlashOptions) => Promise<Result>
  /** Removes everything of the lab, every haproxy with files below its directory too; safe to call twice. */
  readonly destroy: () => Promise<void>
}

export interface Stream {
  /** `alive`: the other side still echoes; `silent`: nothing came back in time; `dead`: reset or closed. */
  readonly probe: (timeoutMs?: number) => Promise<string>
}

/** Tests and demo run from the checkout's root. */
const ROOT = process.cwd()
const PROGRAM = join(ROOT, 'dist/slash64.cjs')
const AGENT = join(ROOT, 'dist/lab-agent.cjs')
const PLACES = ['internet', 'router', 'host']
const leftovers = new Set<() => void>()
let counter = 0

process.on('exit', () => {
  for (const remove of leftovers) remove()
})

/** Raises a lab in about 0.1 s. It needs what `.ci/enter` gives: a network and mount namespace in which to be root. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  if (process.env['SLASH64_ENTERED'] !== 'yes') throw new Error('a lab is raised only under .ci/enter')
  counter += 1
  const id = `l${process.pid.toString(36)}${counter.toString(36)}${randomBytes(2).toString('hex')}`
  const containers = options.containers ?? []
  const names = [...PLACES, ...containers].map((place) => `${id}-${place}`)
  const directory = mkdtempSync(join(tmpdir(), 'slash64-lab-'))
  const agents = new Map<string, Agent>()
  const remove = (): void => removeLab(names, agents, directory)
  leftovers.add(remove)
  try {
    await raise(id, containers, options.delivery ?? 'on-link')
  } catch (error) {
    remove()
    leftovers.delete(remove)
    throw error
  }
  const destroy = async (): Promise<void> => {
    if (leftovers.delete(remove)) remove()
  }
  return { ...labMethods(id, directory, agents), destroy }
}

async function raise(id: string, containers: readonly string[], delivery: Delivery): Promise<void> {
  const names = { internet: `${id}-internet`, router: `${id}-router`, host: `${id}-host` }
  const lines = wiring(
    names,
    containers.map((name) => `${id}-${name}`),
  )
  await mustRun(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  const prepare = async (place: string, setup: Setup): Promise<unknown> =>
    mustRun(inNamespace(`${id}-${place}`, setupCommand(setup)), { input: `${setup.lines.join('\n')}\n` })
  await Promise.all([
    prepare('router', routerSetup(delivery)),
    prepare('internet', internetSetup()),
    prepare('host', hostSetup(delivery)),
  ])
  // Some at a time: hundreds of processes at once would wait for each other until their deadline.
  for (let from = 0; from < containers.length; from += 16) {
    const some = containers.slice(from, from + 16)
    await Promise.all(some.map(async (name) => prepare(name, containerSetup())))
  }
}

/** Synchronous, so that it also serves a process that is about to end. */
function removeLab(names: readonly string[], agents: ReadonlyMap<string, Agent>, directory: string): void {
  for (const agent of agents.values()) agent.stop()
  endHaproxies(directory)
  const lines = names.filter((name) => existsSync(`/run/netns/${name}`)).map((name) => `netns delete ${name}`)
  try {
    execFileSync('ip', ['-batch', '-'], {
      input: `${lines.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function labMethods(id: string, directory: string, agents: Map<string, Agent>): Omit<Lab, 'destroy'> {
  const namespace = (place: string): string => `${id}-${place}`
  const run: Lab['run'] = async (place, argv, options) =>
    runCommand(inNamespace(namespace(place), argv), options)
  const must: Lab['must'] = async (place, argv, options) =>
    mustRun(inNamespace(namespace(place), argv), options)
  const agent = (place: string): Agent => {
    const found = agents.get(place) ?? startAgent(namespace(place), AGENT)
    agents.set(place, found)
    return found
  }
  const talk =
    (protocol: 'tcp' | 'udp'): Lab['tcp'] =>
    async (place, address, port, options = {}) =>
      agent(place).call({ op: 'talk', talk: { protocol, address, port, timeoutMs: 500, ...options } })
  return {
    id,
    directory,
    stateDirectory: join(directory, 'state'),
    namespace,
    agent,
    run,
    must,
    ip: async (place, ...lines) =>
      void (await must(place, ['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })),
    writeSysctl: async (place, name, value) =>
      void (await must(place, ['sh', '-c', `echo ${value} >/proc/sys/${name}`])),
    readSysctl: async (place, name) => (await must(place, ['cat', `/proc/sys/${name}`])).trim(),
    ping: async (place, address, { count = 1, ttl = 64 } = {}) =>
      parsePing(await run(place, ['ping', '-n', '-i0.02', '-W1', `-c${count}`, `-t${ttl}`, address])),
    serve: async (place, ...ports) => serveAll(agent(place), place, ports),
    tcp: talk('tcp'),
    udp: talk('udp'),
    stream: async (place, address, port) => openStream(agent(place), address, port),
    forgetNeighbours: async () => {
      await Promise.all(['router', 'internet'].map((place) => must(place, ['ip', 'neigh', 'flush', 'all'])))
    },
    conntrack: async () => (await run('host', ['conntrack', '-L'])).stdout,
    slash64: async (args, options = {}) =>
      runProgram(directory, namespace(options.place ?? 'host'), args, options),
  }
}

async function serveAll(agent: Agent, name: string, ports: readonly string[]): Promise<void> {
  for (const text of ports) {
    const [port = '', protocol] = text.split('/')
    await agent.call({ op: 'serve', protocol: protocol === 'udp' ? 'udp' : 'tcp', name, port: Number(port) })
  }
}

async function openStream(agent: Agent, address: string, port: number): Promise<Stream> {
  const stream = nextNumber()
  const line = await agent.call({
    op: 'open',
    talk: { protocol: 'tcp', address, port, timeoutMs: 1_000 },
    stream,
  })
  if (!line.includes(' peer ')) throw new Error(`no connection to ${address} port ${port}: ${line}`)
  return { probe: async (timeoutMs = 10_000) => agent.call({ op: 'probe', stream, timeoutMs }) }
}

async function runProgram(
  directory: string,
  namespace: string,
  args: readonly string[],
  options: SlashOptions,
): Promise<Result> {
  const file = join(directory, 'network.yaml')
  if (options.yaml !== undefined) writeFileSync(file, options.yaml)
  const places = ['--state-dir', join(directory, 'state'), '--run-dir', join(directory, 'run')]
  if (!existsSync(join(directory, 'run'))) mkdirSync(join(directory, 'run'), { recursive: true })
  const argv = [...(options.wrap ?? []), process.execPath, PROGRAM, ...args, '--file', file, ...places]
  return runCommand(inNamespace(namespace, argv), options)
}
