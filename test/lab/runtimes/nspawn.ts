import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Systemd } from '../../systemd/boot.ts'
import { eventually } from '../process.ts'
import { makeRootfs, writeScript } from './rootfs.ts'
import { mainScript, type ContainerOptions, type RealContainer } from './types.ts'

export interface NspawnOptions extends ContainerOptions {
  /** Words for `systemd-nspawn`; left out: `--private-network`. */
  readonly args?: readonly string[]
}

export interface Nspawn {
  readonly create: (name: string, options?: NspawnOptions) => Promise<RealContainer>
}

/** As Debian has them, but without what else they would start. */
const UNITS: Readonly<Record<string, string>> = {
  'dbus.socket': '[Socket]\nListenStream=/run/dbus/system_bus_socket\n',
  'dbus.service':
    '[Service]\nType=notify\nNotifyAccess=main\n' +
    'ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation\n',
  'systemd-machined.service':
    '[Service]\nType=dbus\nBusName=org.freedesktop.machine1\nExecStart=/lib/systemd/systemd-machined\n',
}

/**
 * Containers of systemd-nspawn, as units of a booted systemd, known to a systemd-machined that is started there. Their files
 * are below the directory (the lab's own is in sight inside); they end with the booted systemd.
 */
export async function nspawnIn(systemd: Systemd, directory: string): Promise<Nspawn> {
  for (const [name, text] of Object.entries(UNITS)) await writeUnit(systemd, name, text)
  await systemd.must(['mkdir', '-p', '/var/lib/machines'])
  await systemd.must(['systemctl', 'daemon-reload'])
  await systemd.must(['systemctl', 'start', 'dbus.socket', 'systemd-machined.service'])
  return {
    create: async (name, options = {}) =>
      createNspawn(systemd, join(directory, 'nspawn', name), name, options),
  }
}

async function writeUnit(systemd: Systemd, name: string, text: string): Promise<void> {
  const input = `[Unit]\nDefaultDependencies=no\n${text}`
  await systemd.must(['tee', `/etc/systemd/system/${name}`], { input })
}

async function createNspawn(
  systemd: Systemd,
  rootfs: string,
  name: string,
  options: NspawnOptions,
): Promise<RealContainer> {
  mkdirSync(rootfs, { recursive: true })
  await makeRootfs(rootfs)
  writeScript(join(rootfs, 'bin/main'), mainScript(options))
  const unit = `nspawn-${name}.service`
  await writeUnit(systemd, unit, unitText(rootfs, name, options.args ?? ['--private-network']))
  await systemd.must(['systemctl', 'daemon-reload'])
  const control = async (word: string): Promise<void> => void (await systemd.must(['systemctl', word, unit]))
  const pid = async (): Promise<number | undefined> => leaderOf(systemd, name)
  return {
    name,
    pid,
    start: async () => control('start'),
    stop: async () => control('stop'),
    kill: async () => {
      await systemd.must(['kill', '-KILL', String(await pid())])
      const isGone = async (): Promise<boolean> => (await pid()) === undefined
      if (!(await eventually(isGone))) throw new Error(`${name} is not stopped`)
    },
    restart: async () => control('restart'),
    remove: async () => {
      await control('stop')
      await systemd.must(['rm', `/etc/systemd/system/${unit}`])
      await systemd.must(['systemctl', 'daemon-reload'])
      rmSync(rootfs, { recursive: true })
    },
    exec: async (argv) => systemd.run([...inside(await pid()), ...argv]),
  }
}

/** By a number of that systemd's own process namespace. While a machine is `closing`, its leader may have ended. */
async function leaderOf(systemd: Systemd, name: string): Promise<number | undefined> {
  const { stdout } = await systemd.run(['machinectl', 'show', name, '-p', 'Leader', '-p', 'State'])
  const found = /^State=running$/m.test(stdout) ? /^Leader=([1-9]\d*)$/m.exec(stdout)?.[1] : undefined
  return found === undefined ? undefined : Number(found)
}

/** `machinectl shell` would need a bus inside. */
function inside(pid: number | undefined): readonly string[] {
  const kinds = ['mount', 'uts', 'ipc', 'net', 'pid'].map((kind) => `--${kind}`)
  return ['nsenter', `--target=${pid}`, ...kinds, '--root', 'env', '-i', 'PATH=/bin']
}

function unitText(rootfs: string, name: string, args: readonly string[]): string {
  const words = ['--quiet', '--keep-unit', `--machine=${name}`, `--directory=${rootfs}`, '--link-journal=no']
  const command = ['/usr/bin/systemd-nspawn', ...words, '--as-pid2', ...args, '/bin/main'].join(' ')
  const settings = 'Type=notify\nSlice=machine.slice\nDelegate=yes\nKillMode=mixed\nTimeoutStopSec=3'
  return `[Unit]\nStartLimitIntervalSec=0\n[Service]\n${settings}\nExecStart=${command}\n`
}
