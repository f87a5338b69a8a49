import type { Argv, Endpoint } from '../../src/engine/types.ts'
import { SystemError } from '../../src/system/errors.ts'
import { eventually } from '../lab/process.ts'
import type { ProxySide } from './proxy-side.ts'
import { proxyFiles } from './proxy-files.ts'
import type { Files } from './proxy-files.ts'

/** One thing that is done to a side; what comes of it is compared. */
export type Step = (side: ProxySide) => Promise<string>

const GENERATION = 'GET /.well-known/slash64/generation HTTP/1.0\r\nHost: x\r\n\r\n'

/** Writes the files that the configuration becomes by `change`. */
export function put(change: (files: Files) => Files = (files) => files): Step {
  return async ({ system }) => {
    const { places } = system
    const files = change(proxyFiles(places))
    for (const name of ['haproxy.cfg', 'backends.cfg', 'http.map', 'tls.map']) {
      const path = `${places.stateDir}/proxy/${name}`
      const text = files[name]
      await (text === undefined ? system.removeFile(path) : system.writeFile(path, text))
    }
    return ''
  }
}

/** `haproxy -c`. */
export const check: Step = async ({ system }) =>
  answerOf(async () => system.run(['haproxy', '-c', ...fileOptions(system.places.stateDir)]))

export const checkQuietly: Step = async ({ system }) =>
  answerOf(async () => system.run(['haproxy', '-c', '-q', ...fileOptions(system.places.stateDir)]))

export const start: Step = async (side) => {
  const { system } = side
  const { stateDir, runDir } = system.places
  const where = ['-p', `${runDir}/proxy/haproxy.pid`, '-S', `${runDir}/proxy/master.sock,mode,600`]
  const answer = await answerOf(async () =>
    system.run(['haproxy', '-W', '-D', ...fileOptions(stateDir), ...where]),
  )
  // The program ends a little before its master listens.
  if (answer === '') await until(async () => (await reloads(side)) >= 0)
  if (answer === '') await checked(side)
  return answer
}

function fileOptions(stateDir: string): readonly string[] {
  return ['-f', `${stateDir}/proxy/haproxy.cfg`, '-f', `${stateDir}/proxy/backends.cfg`]
}

export function query(...argv: Argv): Step {
  return async ({ system }) => answerOf(async () => system.query(argv))
}

export function run(...argv: Argv): Step {
  return async ({ system }) => answerOf(async () => system.run(argv))
}

export function admin(...commands: readonly string[]): Step {
  return said('admin', ...commands)
}

/** Without `quit` the master waits for the next line. */
export function master(...commands: readonly string[]): Step {
  return said('master', ...commands)
}

function said(name: 'admin' | 'master', ...commands: readonly string[]): Step {
  return async ({ system }) => {
    const path = `${system.places.runDir}/proxy/${name}.sock`
    const answers: string[] = []
    for (const command of commands) {
      answers.push(`> ${command}`, await answerOf(async () => system.exchange(path, `${command}\n`)))
    }
    return answers.join('\n')
  }
}

export function get(to: Endpoint, request = GENERATION): Step {
  return async ({ system }) => answerOf(async () => system.exchange(to, request))
}

/** Tells the master to reload, waits until it has tried, and until the worker before has ended. */
export const reload: Step = async (side) => {
  const answer = await reloadBeside(side)
  await until(async () => !(await said('master', 'show proc;quit')(side)).includes('# old'))
  return answer
}

/** The same, with a worker before that has connections. */
export const reloadBeside: Step = async (side) => {
  return reloadBy(said('master', 'reload'), side)
}

/** As somebody's `systemctl reload` does it. */
export const reloadBySignal: Step = async (side) => {
  const { system } = side
  const pid = (await system.readFile(`${system.places.runDir}/proxy/haproxy.pid`)).trim()
  return reloadBy(run('kill', '-USR2', pid), side)
}

async function reloadBy(how: Step, side: ProxySide): Promise<string> {
  const before = await reloads(side)
  const answer = await how(side)
  await until(async () => (await reloads(side)) === before + 1)
  await checked(side)
  return answer
}

/** Waits until the first check is done: nobody listens where the server should be. */
async function checked(side: ProxySide): Promise<void> {
  await side.found('b-web', 'down')
  // Its check goes on (state 6 or 7), and none has a result (0): one may have begun, with its status told already.
  const line = /^\d+ b-web(?: \S+){9} 0 \d+ [67] /m
  await until(async () => !line.test(await admin('show servers state')(side)))
}

/** Of each server: where it is, and its administrative state. */
export const whereabouts: Step = async (side) => {
  const text = await admin('show servers state')(side)
  const fields = text.split('\n').map((line) => line.split(' '))
  return fields.map((line) => `${line[1]} ${line[4]} ${line[18]} ${line[6]}`).join('\n')
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await eventually(holds)
}

/** While a new worker cannot bind, the master does not answer. */
async function reloads(side: ProxySide): Promise<number> {
  const text = await said('master', 'show proc;quit')(side)
  return Number(/ master +(\d+)/.exec(text)?.[1] ?? -2)
}

export const listProcesses: Step = async ({ system }) => {
  const text = await system.query(['ps', '-ww', '-o', 'pid=,netns=,args=', '-p', '1', '-C', 'haproxy'])
  const ours = text.split('\n').filter((line) => line.includes(system.places.stateDir))
  return sorted(masked(ours.join('\n')))
}

export const listSockets: Step = async ({ system }) => {
  const text = await system.query(['ss', '-H', '-ltnp', '( sport = :80 or sport = :443 or sport = :8443 )'])
  return sorted(masked(text))
}

function sorted(text: string): string {
  return text.split('\n').toSorted().join('\n')
}

/** Sends a signal to the process of the pid file, and waits until it listens no more. */
export function signal(name: 'USR1' | 'TERM'): Step {
  return async (side) => {
    const { system } = side
    const pid = (await system.readFile(`${system.places.runDir}/proxy/haproxy.pid`)).trim()
    const answer = await answerOf(async () => system.run(['kill', `-${name}`, pid]))
    await until(async () => (await admin('get var x')(side)).includes('ECONNREFUSED'))
    return answer
  }
}

/** Waits until so many processes of the proxy are there; says which. */
export function left(wanted: number): Step {
  return async (side) => {
    const count = async () => (await listProcesses(side)).split('\n').filter(Boolean).length
    await until(async () => (await count()) === wanted)
    return listProcesses(side)
  }
}

async function answerOf(effect: () => Promise<string>): Promise<string> {
  try {
    return masked(await effect())
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return masked(`${error.code} ${error.exitCode ?? ''} ${error.detail}`)
  }
}

/** Without what differs from run to run: addresses, ids, times, versions, suggestions, and how wide columns are. */
function masked(text: string): string {
  return (
    text
      .replaceAll(/\b0x[0-9a-f]+/g, '0x')
      .replaceAll(/\((\d+)\) :/g, '(PID) :')
      .replaceAll(/\bpid=\d+,fd=\d+/g, 'pid')
      .replaceAll(/-sf \d+ -x sockpair@\d+/g, '-sf PID -x sockpair')
      .replaceAll(/^ *\d+ +(?:\d+ +)?(?=master|worker|haproxy)/gm, 'PID ')
      .replaceAll(/\d+d\d\dh\d\dm\d\ds/g, 'UPTIME')
      .replaceAll(/\b2\.6\.\d+\S*/g, 'VERSION')
      .replaceAll(/ \d{4}\/\d\d\/\d\d /g, ' DATE ')
      .replaceAll(/^LISTEN +\d+ +\d+/gm, 'LISTEN')
      // The state of a check is one more while it is under way.
      .replaceAll(/^(\d+ \S+ \d+ s \S+ \d+ \d+ 1 1) \d+ (\d+ \d+ \d+) 7/gm, '$1 TIME $2 6')
      .replaceAll(/^(\d+ \S+ \d+ s \S+ \d+ \d+ 1 1) \d+/gm, '$1 TIME')
      .replaceAll(/\[NOTICE\].*\n?/g, '')
      .replaceAll(/; did you mean .*/g, '.')
      .replaceAll(/(Unknown command.*)\n(?: {2}.*\n)*/g, '$1\n')
      .replaceAll(/(unmatched quote.*)\n(?: +.*\n)*/g, '$1\n')
      .replaceAll(/ +/g, ' ')
      .replaceAll(/ $/gm, '')
  )
}
