import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../process.ts'
import type { Room } from './room.ts'
import { makeRootfs, writeScript } from './rootfs.ts'
import { mainScript, type ContainerOptions, type RealContainer } from './types.ts'

export interface PodmanOptions extends ContainerOptions {
  /** Words for `podman create`; left out: `--network none`. */
  readonly args?: readonly string[]
}

export interface Podman {
  /** A directory with a program `podman` that knows only this room's containers: to be the first in PATH. */
  readonly bin: string
  readonly create: (name: string, options?: PodmanOptions) => Promise<RealContainer>
  /** Where it looks for OCI hooks: `*.json`, read at each start. */
  readonly hooks: string
}

const IMAGE = 'localhost/slash64-busybox'

/** Containers of Debian's Podman, of an image that is a BusyBox tree. Without cgroups, so nothing can be paused. */
export async function podmanIn(room: Room): Promise<Podman> {
  const home = join(room.directory, 'podman')
  const [bin, hooks, tree] = [join(home, 'bin'), join(home, 'hooks'), join(home, 'tree')]
  for (const folder of [bin, hooks, tree]) mkdirSync(folder, { recursive: true })
  configure(home, bin, hooks)
  const podman = join(bin, 'podman')
  await makeRootfs(tree)
  await room.must(['tar', '-C', tree, '-cf', join(home, 'image.tar'), '.'])
  await room.must([podman, 'import', '--quiet', join(home, 'image.tar'), IMAGE])
  return { bin, hooks, create: async (name, options = {}) => createPodman(room, podman, name, options) }
}

/** All of its files below the room, and nothing that machines differ in: no cgroups, no journal, no shared memory. */
function configure(home: string, bin: string, hooks: string): void {
  writeFileSync(
    join(home, 'storage.conf'),
    `[storage]\ndriver = "vfs"\ngraphroot = "${home}/root"\nrunroot = "${home}/run"\n`,
  )
  writeFileSync(
    join(home, 'containers.conf'),
    `[containers]
cgroups = "disabled"
pids_limit = 0
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
hooks_dir = ["${hooks}"]
static_dir = "${home}/static"
tmp_dir = "${home}/tmp"
volume_path = "${home}/volumes"
[network]
network_config_dir = "${home}/networks"
`,
  )
  const settings = `CONTAINERS_CONF=${home}/containers.conf CONTAINERS_STORAGE_CONF=${home}/storage.conf`
  writeScript(join(bin, 'podman'), `export ${settings}\nexec /usr/bin/podman "$@"\n`)
}

async function createPodman(
  room: Room,
  podman: string,
  name: string,
  options: PodmanOptions,
): Promise<RealContainer> {
  const must = async (...args: readonly string[]): Promise<string> => room.must([podman, ...args])
  const words = options.args ?? ['--network', 'none']
  await must('create', '--name', name, '--stop-timeout=3', ...words, IMAGE, 'sh', '-c', mainScript(options))
  const pid = async (): Promise<number | undefined> => {
    const { stdout } = await room.run([podman, 'container', 'inspect', '--format', '{{.State.Pid}}', name])
    return Number(stdout) || undefined
  }
  return {
    name,
    pid,
    start: async () => void (await must('start', name)),
    stop: async () => void (await must('stop', name)),
    kill: async () => {
      const found = await pid()
      if (found === undefined) throw new Error(`${name} does not run`)
      process.kill(found, 'SIGKILL')
      if (!(await eventually(async () => (await pid()) === undefined)))
        throw new Error(`${name} is not stopped`)
    },
    restart: async () => void (await must('restart', name)),
    remove: async () => void (await must('rm', '--force', '--time=0', name)),
    exec: async (argv) => room.run([podman, 'exec', name, ...argv]),
  }
}
