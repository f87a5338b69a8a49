import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Endpoint, Places } from '../../src/engine/types.ts'
import { memoryHost } from '../../src/system/memory/seed.ts'
import { SystemError } from '../../src/system/errors.ts'
import { nodeSystem } from '../../src/system/node.ts'
import type { System } from '../../src/system/port.ts'
import { IPV4, IPV6 } from './proxy-files.ts'

/** A host on which a proxy can run, and what a test does to it from outside. */
export interface ProxySide {
  readonly system: System
  /** Another program listens; resolves once it does, to a function that ends it. */
  readonly listen: (on: Endpoint) => Promise<() => Promise<void>>
  /** A client that does not finish its request. */
  readonly hold: (to: Endpoint) => Promise<void>
  /** `kill -9` of the master, or of its worker. */
  readonly shoot: (whom: 'master' | 'worker') => Promise<void>
  /** What the checks of a backend's server find: the host in memory must be told. */
  readonly found: (backend: string, health: 'up' | 'down') => Promise<void>
  readonly end: () => Promise<void>
}

export function newPlaces(): Places {
  const directory = mkdtempSync(join(tmpdir(), 's64p-'))
  return { stateDir: join(directory, 'state'), runDir: join(directory, 'run'), network: '' }
}

export function memoryProxySide(places: Places): ProxySide {
  const host = memoryHost({ places, ipv4: `${IPV4}/24`, ipv6: `${IPV6}/64` })
  const { proxy } = host.world
  return {
    system: host,
    listen: async ({ address, port }) => {
      // Node listens on both families there, which ss calls `*`.
      const listener = { address: address === '::' ? '*' : address, port, program: 'node', pid: 77 }
      proxy.listeners.push(listener)
      return async () => void (proxy.listeners = proxy.listeners.filter((one) => one !== listener))
    },
    hold: async () => host.keepProxyBusy(),
    shoot: async () => host.killProxy(),
    found: async (backend, health) => host.setServerHealth(backend, health),
    end: async () => undefined,
  }
}

let count = 0

/** A namespace of the kernel with HAProxy itself. `end` ends every process that was started, by its id. */
export function realProxySide(places: Places): ProxySide {
  const host = `s64p-${process.pid}-${count++}`
  const router = `${host}r`
  makeHost(host, router)
  const system = within(host, places)
  mkdirSync(`${places.stateDir}/proxy`, { recursive: true })
  mkdirSync(`${places.runDir}/proxy`, { recursive: true })
  const children = new Set<number>()
  const script = async (code: string): Promise<() => Promise<void>> => startNode(host, code, children)
  return {
    system,
    listen: async ({ address, port }) =>
      script(`require('net').createServer().listen(${port}, '${address}', () => console.log('ready'))`),
    hold: async ({ address, port }) => {
      const code = `const s = require('net').connect(${port}, '${address}', () => s.write('GET / HTTP/1.1\\r\\n', () => console.log('ready')))`
      await script(code)
    },
    shoot: async (whom) => {
      const pids = await processesOf(system, places)
      const [pid] = whom === 'master' ? pids : pids.toReversed()
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    },
    found: async () => undefined,
    end: async () => {
      for (const pid of [...(await processesOf(system, places)), ...children]) endProcess(pid)
      for (const name of [host, router]) execFileSync('ip', ['netns', 'delete', name])
      rmSync(join(places.stateDir, '..'), { recursive: true, force: true })
    },
  }
}

function makeHost(host: string, router: string): void {
  const batch = (lines: readonly string[], netns: readonly string[] = []): unknown =>
    execFileSync('ip', [...netns, '-batch', '-'], { input: `${lines.join('\n')}\n` })
  batch([
    `netns add ${host}`,
    `netns add ${router}`,
    `link add name eth0 netns ${host} type veth peer name lan netns ${router}`,
  ])
  batch(['link set dev lan up'], ['-n', router])
  batch(
    [
      'link set dev lo up',
      'link set dev eth0 up',
      `addr add ${IPV4}/24 dev eth0`,
      `addr add ${IPV6}/64 dev eth0 nodad`,
    ],
    ['-n', host],
  )
}

/** The real System, its commands and connections inside of a namespace. */
function within(host: string, places: Places): System {
  const real = nodeSystem({ ...places, self: 'a test', path: process.env['PATH'] })
  const enter = ['nsenter', `--net=/run/netns/${host}`] as const
  return {
    ...real,
    query: async (argv, stdin) => real.query([...enter, ...argv], stdin),
    run: async (argv, script) => real.run([...enter, ...argv], script),
    exchange: async (to, request) =>
      typeof to === 'string' ? real.exchange(to, request) : connectFrom(real, enter, to, request),
  }
}

async function connectFrom(
  real: System,
  enter: readonly ['nsenter', string],
  { address, port }: Endpoint,
  request: string,
): Promise<string> {
  const code = `const s = require('net').connect(${port}, '${address}', () => s.write(${JSON.stringify(request)}))
    s.on('error', (e) => { console.error(e.message.replace(/^connect /, '')); process.exit(1) }).pipe(process.stdout)`
  try {
    return await real.query([...enter, process.execPath, '-e', code])
  } catch (error) {
    if (!(error instanceof SystemError) || !error.detail.startsWith('ECONNREFUSED')) throw error
    throw new SystemError({ code: 'not-found', subject: error.subject, detail: error.detail })
  }
}

async function startNode(host: string, code: string, children: Set<number>): Promise<() => Promise<void>> {
  const child = spawn('nsenter', [`--net=/run/netns/${host}`, process.execPath, '-e', code])
  const { pid } = child
  if (pid !== undefined) children.add(pid)
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', () => reject(new Error(`ended: ${code}`)))
  })
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  return async () => {
    child.kill('SIGKILL')
    await ended
    if (pid !== undefined) children.delete(pid)
  }
}

/** Master first, since it was started first. */
async function processesOf(system: System, { stateDir }: Places): Promise<readonly number[]> {
  const text = await system.query(['ps', '-ww', '-o', 'pid=,netns=,args=', '-p', '1', '-C', 'haproxy'])
  const ours = text.split('\n').filter((line) => line.includes(`${stateDir}/proxy/haproxy.cfg`))
  return ours.map((line) => Number.parseInt(line, 10)).toSorted((a, b) => a - b)
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended with the one before.
  }
}
