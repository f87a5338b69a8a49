import { dumpForeign, dumpWorld } from './dump.ts'
import { runNft } from './nft-command.ts'
import { answering, ToolFailure, toSystemError, usageError } from './fail.ts'
import { readSysctl, writeSysctl } from './sysctl.ts'
import { enteredBy, runIp } from './ip-command.ts'
import { SystemError } from '../errors.ts'
import { endInstance } from './haproxy/process.ts'
import { exchangeWith } from './haproxy/exchange.ts'
import { runProgram } from './programs.ts'
import type { Argv, Asked, Endpoint, Places, Setting } from '../../engine/types.ts'
import type { Server } from './haproxy/state.ts'
import type { System } from '../port.ts'
import type { World } from './state.ts'

interface Fault {
  readonly matches: (command: string) => boolean
  readonly error: SystemError
}

/**
 * A strict host in memory: interprets the commands of iproute2 6.1, nft 1.0.6 and conntrack 1.4.7 that the product
 * uses, over plain state, with the answers of kernel 6.18. What it does not know it rejects.
 */
export class MemoryHost implements System {
  /** Every attempted change in order: `ip LINE`, `ip -n NAME LINE`, `nft STATEMENT`, `sysctl N=V`, `write PATH`, ... */
  readonly writes: string[] = []
  /** Every read, as the command or path. */
  readonly reads: string[] = []
  readonly world: World
  readonly places: Places
  readonly #faults: Fault[] = []

  constructor(world: World) {
    this.world = world
    this.places = world.places
  }

  /**
   * The next command that matches fails with this error, once, and changes nothing. Seen are whole commands (`ip
   * -batch`, `nft -f`, every query) and each line or statement (see `writes`).
   */
  failNext(matcher: (command: string) => boolean, error: SystemError): void {
    this.#faults.push({ matches: matcher, error })
  }

  /** The whole world as sorted text, without ids. */
  dump(): string {
    return dumpWorld(this.world)
  }

  /** What does not bear our mark, as sorted text. */
  snapshotForeign(): string {
    return dumpForeign(this.world)
  }

  async query(argv: Argv, { stdin, settings = [], answers = [] }: Asked = {}): Promise<string> {
    const command = argv.join(' ')
    this.reads.push(command)
    return this.#guarded(command, () => {
      this.#fault(command)
      const values = settings.map((name) => `${enteredBy(this.world, argv).sysctls.get(name) ?? ''}\n`)
      const text = answering(answers, () => this.#interpret(argv, stdin, refuseChange))
      return `${values.join('')}${text}`
    })
  }

  async run(argv: Argv, script?: string, settings: readonly Setting[] = []): Promise<string> {
    const command = argv.join(' ')
    return this.#guarded(command, () => {
      // What only looks, as a check does, is no change that a fault could hit further in.
      if (script !== undefined || argv.includes('-c')) this.#fault(command)
      for (const { name, value } of settings) {
        this.#change(`${argv.slice(0, 3).join(' ')} sysctl ${name}=${value}`)
        writeSysctl(enteredBy(this.world, argv), name, value)
      }
      return this.#interpret(argv, script, (change) => this.#change(change))
    })
  }

  async readSysctl(name: string): Promise<string> {
    this.reads.push(`sysctl ${name}`)
    return this.#guarded(`/proc/sys/${name}`, () => {
      this.#fault(`sysctl ${name}`)
      return readSysctl(this.world.host, name)
    })
  }

  async writeSysctl(name: string, value: string): Promise<void> {
    this.#guarded(`/proc/sys/${name}`, () => {
      this.#change(`sysctl ${name}=${value}`)
      writeSysctl(this.world.host, name, value)
    })
  }

  async readFile(path: string): Promise<string> {
    this.reads.push(path)
    return this.#guarded(path, () => {
      this.#fault(`read ${path}`)
      return this.#file(path)
    })
  }

  async readLink(path: string): Promise<string> {
    this.reads.push(path)
    return this.#guarded(path, () => {
      this.#fault(`read ${path}`)
      const pid = /^\/proc\/(\d+)\/ns\/net$/.exec(path)?.[1]
      const netns = this.world.processes.get(Number(pid))
      if (netns === undefined) throw new ToolFailure('No such file or directory', 1, true)
      return `net:[${netns.inode}]`
    })
  }

  async writeFile(path: string, content: string): Promise<void> {
    this.#guarded(path, () => {
      this.#change(`write ${path}`)
      this.world.files.set(path, content)
    })
  }

  async removeFile(path: string): Promise<void> {
    this.#guarded(path, () => {
      this.#change(`remove ${path}`)
      this.world.files.delete(path)
      this.world.proxy.sockets.delete(path)
    })
  }

  async removeTree(path: string): Promise<void> {
    this.#guarded(path, () => {
      this.#change(`remove-tree ${path}`)
      const { files, proxy } = this.world
      for (const known of [...files.keys(), ...proxy.sockets.keys()]) {
        if (!known.startsWith(`${path}/`)) continue
        files.delete(known)
        proxy.sockets.delete(known)
      }
    })
  }

  /** Directories are there without being made; that it was asked for is recorded. */
  async makeDirectory(path: string, _mode: number): Promise<void> {
    this.#guarded(path, () => this.#change(`mkdir ${path}`))
  }

  async exchange(to: string | Endpoint, request: string): Promise<string> {
    const subject = typeof to === 'string' ? to : `${to.address} port ${to.port}`
    const command = `exchange ${subject} ${request.trim()}`
    this.reads.push(command)
    return this.#guarded(subject, () => {
      this.#fault(command)
      return exchangeWith(this.world, to, request, (change) => this.#change(change))
    })
  }

  async lock(): Promise<{ release(): Promise<void> }> {
    const { world } = this
    if (world.locked)
      throw new SystemError({
        code: 'busy',
        subject: 'lock',
        detail: 'held by another instance (memory host)',
      })
    world.locked = true
    return {
      release: async () => {
        world.locked = false
      },
    }
  }

  async scriptFault(): Promise<undefined> {}

  now(): Date {
    return new Date(this.world.now)
  }

  /** The same clock as `now`, so that `pause` moves both. */
  monotonic(): number {
    return this.world.now.getTime()
  }

  /** Waits on the clock of this host: at once. */
  async pause(milliseconds: number): Promise<void> {
    this.advance(milliseconds)
  }

  /** Moves the clock. */
  advance(milliseconds: number): void {
    this.world.now = new Date(this.world.now.getTime() + milliseconds)
  }

  /** Ends the proxy at once, as `kill -9` and the OOM killer do; its sockets and pid file stay. */
  killProxy(): void {
    for (const instance of this.world.proxy.instances) endInstance(this.world, instance)
  }

  /** Gives the proxy connections that stay open, so that a soft stop only keeps it from taking new ones. */
  keepProxyBusy(): void {
    for (const instance of this.world.proxy.instances) instance.busy = true
  }

  /** What the checks of a backend's servers find from now on. */
  setServerHealth(backend: string, health: Server['health']): void {
    for (const { worker } of this.world.proxy.instances) {
      for (const server of worker.servers) if (server.backend === backend) server.health = health
    }
  }

  /** What a named counter of our table has counted. */
  setCounter(name: string, packets: number, bytes: number): void {
    Object.assign(this.world.tables.get('inet slash64')?.counters.get(name) ?? {}, { packets, bytes })
  }

  #file(path: string): string {
    const content = this.world.files.get(path)
    if (content === undefined) throw new ToolFailure(`No such file or directory`, 1, true)
    return content
  }

  #interpret([tool, ...args]: Argv, input: string | undefined, before: (change: string) => void): string {
    if (tool === 'ip') return runIp(this.world, args, input, before)
    if (tool === 'nft') return runNft(this.world, args, input, before)
    return runProgram(this.world, tool, args, before)
  }

  #change(command: string): void {
    this.writes.push(command)
    this.#fault(command)
  }

  #fault(command: string): void {
    const at = this.#faults.findIndex((fault) => fault.matches(command))
    const [fault] = at < 0 ? [] : this.#faults.splice(at, 1)
    if (fault !== undefined) throw fault.error
  }

  #guarded<Result>(subject: string, effect: () => Result): Result {
    try {
      return effect()
    } catch (error) {
      throw toSystemError(subject, error)
    }
  }
}

function refuseChange(command: string): never {
  throw usageError(`a query must not change the host: ${command}`)
}
