import { createLab, type Lab } from '../lab/lab.ts'
import { lxcIn } from '../lab/runtimes/lxc.ts'
import { nspawnIn } from '../lab/runtimes/nspawn.ts'
import { podmanIn } from '../lab/runtimes/podman.ts'
import { openRoom } from '../lab/runtimes/room.ts'
import { bootSystemd } from '../systemd/boot.ts'
import { unitText } from '../systemd/unit-fixtures.ts'
import { serving, type Scene, type Subject } from './runtime-fixtures.ts'

/** Where programs are, behind what a scene puts in front. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Lines by which LXC gives a container `eth0` on a bridge. */
export function onBridge(bridge: string): readonly string[] {
  const lines = ['type = veth', `link = ${bridge}`, 'flags = up', 'name = eth0']
  return lines.map((line) => `lxc.net.0.${line}`)
}

/** `pair`, `port`, and both with users of their own. */
export async function lxcScene(): Promise<Scene> {
  return inLab(async (lab, later) => {
    const room = await openRoom(lab)
    later(room.end)
    const lxc = lxcIn(room)
    later(async () => lxc.end())
    const subject = async (name: string, number: number, isPort: boolean): Promise<Subject> => {
      const real = await lxc.create(name, {
        boot: serving(name),
        unprivileged: name.startsWith('users-'),
        ...(isPort && { config: onBridge('br-ct') }),
      })
      return { real, number, isPort, runtime: { type: 'lxc', name, path: lxc.path } }
    }
    const subjects = [
      await subject('pair', 2, false),
      await subject('port', 3, true),
      await subject('users-pair', 4, false),
      await subject('users-port', 5, true),
    ]
    return { lab, subjects, tool: 'lxc-info', slash64: onHost(lab) }
  })
}

/** `none` and `other`, both without a network of their own. */
export async function podmanScene(): Promise<Scene> {
  return inLab(async (lab, later) => {
    const room = await openRoom(lab)
    later(room.end)
    const podman = await podmanIn(room)
    const subject = async (name: string, number: number): Promise<Subject> => {
      const real = await podman.create(name, { boot: serving(name) })
      return { real, number, isPort: false, runtime: { type: 'podman' } }
    }
    const subjects = [await subject('none', 2), await subject('other', 3)]
    return { lab, subjects, tool: 'podman', folders: [podman.bin], slash64: onHost(lab, [podman.bin]) }
  })
}

/** `private` and, on the bridge by `host0`, `port`. */
export async function nspawnScene(): Promise<Scene> {
  return inLab(async (lab, later) => {
    const systemd = await bootSystemd(lab)
    later(systemd.end)
    await systemd.install(unitText())
    const nspawn = await nspawnIn(systemd, lab.directory)
    const subjects: readonly Subject[] = [
      {
        real: await nspawn.create('private', { boot: serving('private') }),
        number: 2,
        isPort: false,
        runtime: { type: 'nspawn' },
      },
      {
        real: await nspawn.create('port', { boot: serving('port'), args: ['--network-bridge=br-ct'] }),
        number: 3,
        isPort: true,
        runtime: { type: 'nspawn', interface: 'host0' },
      },
    ]
    const slash64: Scene['slash64'] = async (args, { yaml, path = [], onlyPath } = {}) =>
      systemd.slash64(args, yaml, onlyPath ?? [...path, PATH].join(':'))
    return { lab, subjects, tool: 'machinectl', slash64 }
  })
}

/** What is begun is ended, whatever fails, in the other order. */
export async function inLab<S extends Omit<Scene, 'end'>>(
  open: (lab: Lab, later: (end: () => Promise<void>) => void) => Promise<S>,
): Promise<S & Pick<Scene, 'end'>> {
  const lab = await createLab()
  const ends: (() => Promise<void>)[] = [async () => lab.destroy()]
  const end = async (): Promise<void> => {
    for (const one of ends.splice(0).toReversed()) await one()
  }
  try {
    return { ...(await open(lab, (one) => ends.push(one))), end }
  } catch (error) {
    await end()
    throw error
  }
}

/** slash64 beside the containers; `first`: where the runtime's program is. */
export function onHost(lab: Lab, first: readonly string[] = []): Scene['slash64'] {
  return async (args, { yaml, path = [], onlyPath } = {}) =>
    lab.slash64(args, {
      ...(yaml !== undefined && { yaml }),
      wrap: ['env', `PATH=${onlyPath ?? [...path, ...first, PATH].join(':')}`],
    })
}
