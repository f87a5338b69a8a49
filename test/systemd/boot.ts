import { spawn } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab/lab.ts'
import { eventually, inNamespace, runCommand, type Result, type RunOptions } from '../lab/process.ts'

export const UNIT = 'slash64-proxy.service'
export const UNIT_FILE = join(process.cwd(), 'examples/systemd', UNIT)
const BOOT = join(process.cwd(), 'test/systemd/boot.sh')

/** A systemd that is PID 1 of namespaces of its own, on the network of a lab's host. */
export interface Systemd {
  /** Its number as others see it. */
  readonly pid: number
  /** Runs a command beside it, in all of its namespaces, but in the cgroup of who called. */
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<Result>
  /** The same, but a failure is an error; resolves to what it said. */
  readonly must: (argv: readonly string[], options?: RunOptions) => Promise<string>
  /** slash64 with these words only. */
  readonly program: (args: readonly string[]) => Promise<Result>
  /** slash64 with its usual state and run directory, which are the booted system's own; with this PATH, if told. */
  readonly slash64: (args: readonly string[], yaml?: string, path?: string) => Promise<Result>
  /** Writes the reverse proxy's unit, as the README tells an administrator to. */
  readonly install: (text: string) => Promise<void>
  /** Properties of the reverse proxy's unit by name. */
  readonly properties: () => Promise<Readonly<Record<string, string>>>
  /** Ends every process of it; safe to call twice. It also ends with this process, and a quarter of an hour after its start. */
  readonly end: () => Promise<void>
}

/** Boots it. It takes a root that may mount and make cgroups: the error says what was in the way. */
export async function bootSystemd(lab: Lab): Promise<Systemd> {
  copyFileSync(join(process.cwd(), 'dist/slash64.cjs'), programOf(lab))
  const boot = startBoot(lab)
  const run: Systemd['run'] = async (argv, options) => runCommand([...enter(boot.pid()), ...argv], options)
  const isUp = async (): Promise<boolean> => {
    if (boot.isOver()) return true
    return boot.pid() > 0 && (await run(['systemctl', 'is-system-running'])).stdout === 'running\n'
  }
  if ((await eventually(isUp)) && !boot.isOver())
    return { pid: boot.pid(), run, end: boot.end, ...methods(run, lab) }
  await boot.end().catch(() => undefined)
  throw new Error(
    `systemd does not boot in namespaces of its own here, which takes root and its mounts (docker: --privileged):\n${boot.said()}`,
  )
}

interface Boot {
  /** 0 until it is known. */
  readonly pid: () => number
  readonly said: () => string
  readonly isOver: () => boolean
  readonly end: () => Promise<void>
}

function startBoot(lab: Lab): Boot {
  const words = ['unshare', '--mount', 'sh', BOOT, lab.id, lab.directory]
  const [command = '', ...args] = inNamespace(lab.namespace('host'), words)
  const child = spawn(command, args, { stdio: 'pipe' })
  let [said, isOver] = ['', false]
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stdin.on('error', () => undefined)
  const closed = new Promise<number>((resolve) => {
    child.on('error', () => resolve(1)).on('close', (code) => resolve(code ?? 1))
  })
  void closed.then(() => (isOver = true))
  return {
    pid: () => Number(/^pid (\d+)$/m.exec(said)?.[1] ?? 0),
    said: () => said,
    isOver: () => isOver,
    end: async () => {
      child.stdin.end()
      if ((await closed) !== 0) throw new Error(`boot.sh failed: ${said}`)
    },
  }
}

/** Words that lead inside; what runs there knows nothing of who called. */
function enter(pid: number): readonly string[] {
  const kinds = ['mount', 'uts', 'ipc', 'net', 'pid', 'cgroup'].map((kind) => `--${kind}`)
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return ['nsenter', `--target=${pid}`, ...kinds, 'env', '-i', 'LC_ALL=C', `PATH=${path}`]
}

/** A copy in the lab's directory, the one place that is in sight inside wherever the checkout is. */
function programOf(lab: Lab): string {
  return join(lab.directory, 'slash64.cjs')
}

function methods(run: Systemd['run'], lab: Lab): Omit<Systemd, 'pid' | 'run' | 'end'> {
  const must: Systemd['must'] = async (argv, options) => {
    const { exitCode, stdout, stderr } = await run(argv, options)
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`)
    return stdout
  }
  const file = join(lab.directory, 'network.yaml')
  const program: Systemd['program'] = async (args) => run([process.execPath, programOf(lab), ...args])
  return {
    must,
    program,
    slash64: async (args, yaml, path) => {
      if (yaml !== undefined) writeFileSync(file, yaml)
      const places = ['--state-dir', '/var/lib/slash64', '--run-dir', '/run/slash64']
      const words = [process.execPath, programOf(lab), ...args, '--file', file, ...places]
      return run([...(path === undefined ? [] : ['env', `PATH=${path}`]), ...words])
    },
    install: async (text) => {
      await must(['tee', `/etc/systemd/system/${UNIT}`], { input: text })
      await must(['systemctl', 'daemon-reload'])
    },
    properties: async () => {
      const lines = (await must(['systemctl', 'show', UNIT])).trim().split('\n')
      return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.replace(/^[^=]*=/, '')]))
    },
  }
}
