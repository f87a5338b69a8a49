import { afterEach } from 'vitest'
import { expectExit } from '../e2e/fixtures.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import type { Systemd } from './boot.ts'

export const CONTROLLER = 'slash64.service'
export const FILE = '/etc/slash64/network.yaml'
/** Below /tmp, where the test's own directory is, a unit sees nothing. */
const HOME = '/var/lib/program'
export const LOG = '/var/log/slash64.log'

const booted = new Set<Systemd>()
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return
  for (const systemd of booted) console.error(await story(systemd, task.name))
})

/** What the controller remembers, and the end of its log. */
async function story(systemd: Systemd, what: string): Promise<string> {
  const events = await systemd.run([...program(), 'events', '--last', '1000']).catch(String)
  const log = await said(systemd).catch(String)
  const told = typeof events === 'string' ? events : `${events.stdout}${events.stderr}`
  const head = `--- ${what} failed. The controller remembers:`
  return [head, told.trimEnd(), '--- the end of its log:', ...log.split('\n').slice(-60), '---'].join('\n')
}

/** The program where units can see it, the file in its usual place, and the units as `install` writes them. */
export async function installController(systemd: Systemd, lab: Lab, yaml: string): Promise<void> {
  const { must } = systemd
  booted.add(systemd)
  await must(['mkdir', '-p', HOME, '/etc/slash64'])
  await must(['cp', `${lab.directory}/slash64.cjs`, HOME])
  await must(['touch', `${HOME}/node`])
  await must(['mount', '--bind', process.execPath, `${HOME}/node`])
  await writeFile(systemd, FILE, yaml)
  expectExit(await systemd.run([...program(), 'install']), 0)
  const log = `StandardOutput=append:${LOG}\nStandardError=append:${LOG}`
  await dropIn(systemd, 'log', `[Service]\n${log}\n`)
}

export function program(): readonly string[] {
  return [`${HOME}/node`, `${HOME}/slash64.cjs`]
}

/** What the controller said so far: nobody keeps a journal in there. */
export async function said(systemd: Systemd): Promise<string> {
  return (await systemd.run(['cat', LOG])).stdout
}

/** Settings beside those of the unit, as `systemctl edit` makes them. */
export async function dropIn({ must }: Systemd, name: string, text: string): Promise<void> {
  const folder = `/etc/systemd/system/${CONTROLLER}.d`
  await must(['mkdir', '-p', folder])
  await must(['tee', `${folder}/${name}.conf`], { input: text })
  await must(['systemctl', 'daemon-reload'])
}

/** Replaces a file by a rename, as editors do. */
export async function writeFile({ must }: Systemd, path: string, text: string): Promise<void> {
  await must(['tee', `${path}.new`], { input: text })
  await must(['mv', `${path}.new`, path])
}

/** The same unit for a program that ends by itself. `line` replaces what it starts. */
export async function asOneshot(systemd: Systemd, line?: string): Promise<void> {
  const start = line === undefined ? '' : `ExecStart=\n${line}\n`
  await dropIn(systemd, 'once', `[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\n${start}`)
}

/** Properties of the controller's unit, or of another, by name. */
export async function properties(
  { must }: Systemd,
  unit = CONTROLLER,
): Promise<Readonly<Record<string, string>>> {
  const lines = (await must(['systemctl', 'show', unit])).trim().split('\n')
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.replace(/^[^=]*=/, '')]))
}

/** The number of the process that is the controller now. */
export async function mainPid(systemd: Systemd): Promise<string> {
  return (await properties(systemd))['MainPID'] ?? '0'
}

/** Starts the unit, which ends when the controller said that it is ready; a failure is an error with its log. */
export async function startController(systemd: Systemd): Promise<void> {
  const { exitCode, stderr } = await systemd.run(['systemctl', 'start', CONTROLLER])
  if (exitCode !== 0) throw new Error(`${stderr}\n${await said(systemd)}`)
}

/** Waits until another process is the controller, and ready; resolves to the seconds from the end to the start. */
export async function successor(systemd: Systemd, of: string): Promise<number> {
  const isThere = async (): Promise<boolean> => {
    const { MainPID, ActiveState } = await properties(systemd)
    return MainPID !== of && MainPID !== '0' && ActiveState === 'active'
  }
  if (!(await eventually(isThere))) throw new Error(`nobody came back:\n${await said(systemd)}`)
  const { InactiveEnterTimestampMonotonic: end, ExecMainStartTimestampMonotonic: start } =
    await properties(systemd)
  return (Number(start) - Number(end)) / 1e6
}

/** Waits until it is so; resolves to nothing, or, when it is not so in time, to the log of the controller. */
export async function complaint(systemd: Systemd, check: () => Promise<boolean>): Promise<string> {
  return (await eventually(check)) ? '' : `in vain: ${await said(systemd)}`
}
