import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../process.ts'
import { endMonitors } from './lxc-monitors.ts'
import type { Room } from './room.ts'
import { writeScript } from './rootfs.ts'
import type { ContainerOptions, RealContainer } from './types.ts'

export interface LxcOptions extends ContainerOptions {
  /** Lines of its configuration: network (none: `lxc.net.0.type = empty`) and hooks. */
  readonly config?: readonly string[]
  /** Gives it users of its own, as an unprivileged container has. */
  readonly unprivileged?: boolean
}

export interface LxcContainer extends RealContainer {
  /** LXCPATH. */
  readonly path: string
  /** Replaces the lines that were given as `config`, for its next start. */
  readonly configure: (lines: readonly string[]) => void
}

export interface Lxc {
  /** LXCPATH of every container of this room. */
  readonly path: string
  readonly create: (name: string, options?: LxcOptions) => Promise<LxcContainer>
  /** Ends what `lxc-monitor` left behind; the containers end with the room. */
  readonly end: () => void
}

const EMPTY = ['lxc.net.0.type = empty', 'lxc.net.0.flags = up']
const IDMAP = ['lxc.idmap = u 0 200000 65536', 'lxc.idmap = g 0 200000 65536']

/** Containers of Debian's LXC, by its template `busybox`. */
export function lxcIn(room: Room): Lxc {
  const path = join(room.directory, 'lxc')
  mkdirSync(path, { recursive: true })
  return {
    path,
    create: async (name, options = {}) => createLxc(room, path, name, options),
    end: () => endMonitors(path),
  }
}

async function createLxc(room: Room, path: string, name: string, options: LxcOptions): Promise<LxcContainer> {
  const nothing = join(path, 'nothing.conf')
  if (!existsSync(nothing)) writeFileSync(nothing, '')
  const place = ['-P', path, '-n', name]
  await room.must(['lxc-create', ...place, '-t', 'busybox', '-f', nothing])
  const folder = join(path, name)
  prepareInside(join(folder, 'rootfs'), options.boot ?? '')
  if (options.unprivileged === true) await giveAway(room, path, folder)
  const config = join(folder, 'config')
  appendFileSync(config, fixedLines(room, name, options).join('\n'))
  const fixed = readFileSync(config, 'utf8')
  const configure = (lines: readonly string[]): void =>
    writeFileSync(config, [fixed, ...lines, ''].join('\n'))
  configure(options.config ?? EMPTY)
  return { name, path, configure, ...methods(room, place) }
}

/** Its users must own its files, and may pass the folders above, which are root's alone. */
async function giveAway(room: Room, path: string, folder: string): Promise<void> {
  await room.must(['chown', '-R', '200000:200000', join(folder, 'rootfs')])
  for (const above of [room.lab.directory, room.directory, path, folder]) chmodSync(above, 0o711)
}

/** Below the room's cgroup, so that it is ended with it; LXC removes the folders, so a container has its own. */
function fixedLines(room: Room, name: string, { unprivileged = false }: LxcOptions): readonly string[] {
  const kinds = ['container', 'monitor', 'monitor.pivot']
  const cgroups = kinds.map((kind) => `lxc.cgroup.dir.${kind} = ${room.cgroup}/${name}.${kind}`)
  return ['', ...cgroups, ...(unprivileged ? IDMAP : []), '']
}

/**
 * The template's own first process asks for a DHCP server, is deaf to `lxc-stop` until one answers, and takes two seconds to
 * end or to start again. This one knows the signals that the template's configuration has for both.
 */
function prepareInside(rootfs: string, boot: string): void {
  const signals = "trap 'exit 0' USR1\ntrap 'reboot -f' TERM\n"
  const init = join(rootfs, 'sbin/init')
  rmSync(init)
  writeScript(
    init,
    `PATH=/sbin:/bin\n${signals}/bin/mount -a\n${boot}\nwhile :; do sleep 86400 & wait; done\n`,
  )
}

function methods(room: Room, place: readonly string[]): Omit<RealContainer, 'name'> {
  const must = async (...argv: readonly string[]): Promise<unknown> => room.must(argv)
  const pid = async (): Promise<number | undefined> => {
    const text = (await room.run(['lxc-info', ...place, '-p', '-H'])).stdout.trim()
    return /^[1-9]\d*$/.test(text) ? Number(text) : undefined
  }
  const until = async (what: string, check: (found: number | undefined) => boolean): Promise<void> => {
    if (!(await eventually(async () => check(await pid())))) throw new Error(`${place.join(' ')}: ${what}`)
  }
  return {
    pid,
    start: async () => void (await must('lxc-start', ...place)),
    stop: async () => void (await must('lxc-stop', ...place, '--timeout=8')),
    kill: async () => {
      process.kill((await pid()) ?? fail(place), 'SIGKILL')
      await until('is not stopped', (found) => found === undefined)
    },
    restart: async () => {
      const old = await pid()
      await must('lxc-stop', ...place, '--reboot')
      await until('is not started again', (found) => found !== undefined && found !== old)
    },
    remove: async () => void (await must('lxc-destroy', ...place, '--force')),
    exec: async (argv) =>
      room.run(['lxc-attach', ...place, '--clear-env', '--set-var=PATH=/sbin:/bin', '--', ...argv]),
  }
}

function fail(place: readonly string[]): never {
  throw new Error(`${place.join(' ')} does not run`)
}
