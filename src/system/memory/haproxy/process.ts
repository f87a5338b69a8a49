import { HOST_NETWORK } from './state.ts'
import { bindFaults } from './binds.ts'
import { ConfigFaults, readConfig } from './config.ts'
import { fullVersion } from './state.ts'
import { notModelled, ToolFailure } from '../fail.ts'
import { parseOptions } from './options.ts'
import type { Instance, ProxyConfig, Worker } from './state.ts'
import type { StartOptions } from './options.ts'
import type { World } from '../state.ts'

/** `haproxy ARGS`: the version, a check, or a start in the background. `before` is told of a start, and may refuse it. */
export function runHaproxy(world: World, args: readonly string[], before: (change: string) => void): string {
  if (args.length === 1 && args[0] === '-v') return versionText(world)
  const options = parseOptions(args)
  if (options.check) {
    if (options.quiet) return checkQuietly(world, options)
    withAlerts(world, world.proxy.nextPid++, () => readConfig(options.files, world.files))
    return 'Configuration file is valid\n'
  }
  before(`haproxy ${args.join(' ')}`)
  start(world, args, options)
  return ''
}

/** `-q` keeps it from saying what is wrong, too. */
function checkQuietly(world: World, { files }: StartOptions): string {
  try {
    readConfig(files, world.files)
    return ''
  } catch (error) {
    throw error instanceof ConfigFaults ? new ToolFailure('', 1, true) : error
  }
}

function versionText(world: World): string {
  const version = fullVersion(world.proxy)
  return [
    `HAProxy version ${version} 2026/10/17 - https://haproxy.org/`,
    'Status: long-term supported branch - will stop receiving fixes around Q2 2027.',
    'Known bugs: http://www.haproxy.org/bugs/bugs-2.6.12.html',
    'Running on: Linux 6.18.44 #1 SMP x86_64\n',
  ].join('\n')
}

/** What `read` finds wrong becomes the words and the exit code of the program. */
function withAlerts<Result>(world: World, pid: number, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error
    throw alerts(
      world,
      pid,
      error.faults.map((fault) => `config : ${fault}`),
    )
  }
}

function alerts(world: World, pid: number, lines: readonly string[]): ToolFailure {
  const notices = [
    `haproxy version is ${fullVersion(world.proxy)}`,
    'path to executable is /usr/sbin/haproxy',
  ].map((line) => `[NOTICE]   (${pid}) : ${line}`)
  const text = [...notices, ...lines.map((line) => `[ALERT]    (${pid}) : ${line}`)]
  return new ToolFailure(text.join('\n'), 1, true)
}

/** A start that cannot listen has put its sockets in the place of those that were there, and leaves them (2.6.12). */
function start(world: World, args: readonly string[], { files, pidFile, master }: StartOptions): void {
  const { proxy } = world
  const pid = proxy.nextPid++
  const config = withAlerts(world, pid, () => readConfig(files, world.files))
  proxy.sockets.set(master, { pid, role: 'master' })
  own(world, config, pid)
  const faults = bindFaults(world, config.binds, [])
  if (faults.length > 0) {
    throw alerts(world, pid, [
      ...faults,
      '[haproxy.main()] Some protocols failed to start their listeners! Exiting.',
    ])
  }
  proxy.pidFiles.add(pidFile)
  world.files.set(pidFile, `${pid}\n`)
  const worker = newWorker(world, config, args)
  const state = { oldWorkers: [], reloads: 0, failed: 0, stopping: false, busy: false }
  proxy.instances.push({ pid, args, files, started: world.now, worker, ...state })
}

function own({ proxy }: World, { socket }: ProxyConfig, pid: number): void {
  if (socket === undefined) throw notModelled('a configuration of haproxy without a stats socket')
  proxy.sockets.set(socket, { pid, role: 'admin' })
}

function newWorker(world: World, config: ProxyConfig, args: readonly string[]): Worker {
  const pid = world.proxy.nextPid++
  const maps = [...config.maps].map(
    ([name, lines]) => [name, lines.map((line) => ({ ...line, id: world.proxy.nextPid++ }))] as const,
  )
  const servers = config.servers.map((server) => ({ ...server }))
  return { pid, args, config, maps: new Map(maps), servers, started: world.now, reloads: 0 }
}

/**
 * What the master does when it is told to. Where the new worker does not come up, the old one goes on as it was (the
 * two seconds without service that a taken port costs are not modelled).
 */
export function reload(world: World, instance: Instance): void {
  const before = instance.worker
  const config = loadable(world, instance)
  instance.reloads += 1
  if (config === undefined) {
    instance.failed += 1
    before.reloads += 1
    return
  }
  own(world, config, instance.pid)
  instance.failed = 0
  if (instance.busy) instance.oldWorkers.push(before)
  for (const old of instance.oldWorkers) old.reloads += 1
  instance.stopping = false
  const takeover = ['-sf', `${before.pid}`, '-x', 'sockpair@3']
  instance.worker = newWorker(world, config, [...takeover, ...instance.args])
}

function loadable(world: World, { files, worker }: Instance): ProxyConfig | undefined {
  try {
    const config = readConfig(files, world.files)
    return bindFaults(world, config.binds, worker.config.binds).length > 0 ? undefined : config
  } catch (error) {
    if (error instanceof ConfigFaults) return undefined
    throw error
  }
}

/** `kill SIGNAL PID...`; USR2 is a reload. A worker's end is its master's too, and the other way round. */
export function runKill(world: World, args: readonly string[], before: (change: string) => void): void {
  const [signal = '', ...pids] = args
  const known = ['-USR1', '-USR2', '-TERM', '-KILL'].includes(signal) && pids.length > 0
  if (!known || !pids.every((pid) => /^\d+$/.test(pid))) throw notModelled(`kill ${args.join(' ')}`)
  before(`kill ${args.join(' ')}`)
  // All are looked up first: the end of one of them takes others along, but not at once.
  const found = pids.map((pid) => [pid, instanceOf(world, Number(pid))] as const)
  for (const [, instance] of found) if (instance !== undefined) signalled(world, instance, signal)
  const lost = found.filter(([, instance]) => instance === undefined)
  if (lost.length === 0) return
  throw new ToolFailure(lost.map(([pid]) => `kill: (${pid}): No such process`).join('\n'), 1, true)
}

function instanceOf({ proxy }: World, pid: number): Instance | undefined {
  return proxy.instances.find((one) => [one, one.worker, ...one.oldWorkers].some((task) => task.pid === pid))
}

function signalled(world: World, instance: Instance, signal: string): void {
  if (signal === '-USR2') reload(world, instance)
  else if (signal === '-USR1' && instance.busy) instance.stopping = true
  else endInstance(world, instance)
}

/** Master and worker are gone; sockets and the pid file stay where they are. */
export function endInstance({ proxy }: World, instance: Instance): void {
  proxy.instances = proxy.instances.filter((one) => one !== instance)
}

/** `ps -ww -o pid=,args= -p 1 -C haproxy` */
export function listProcesses({ proxy }: World): string {
  const ours = proxy.instances
    .flatMap((instance) => [instance, instance.worker, ...instance.oldWorkers])
    .map(({ pid, args }) => [pid, `haproxy ${args.join(' ')}`] as const)
  const foreign = proxy.listeners
    .filter(({ program }) => program === 'haproxy')
    .map(({ pid }) => [pid, '/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid'] as const)
  const all = new Map([[1, '/sbin/init'], ...foreign, ...ours])
  return [...all].map(([pid, args]) => `${`${pid}`.padStart(5)} ${HOST_NETWORK} ${args}\n`).join('')
}
