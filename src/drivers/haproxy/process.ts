import type { Argv } from '../../engine/types.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'
import { isAbsent, ourProcesses, socketAt, unless } from './ask.ts'
import { fileAt } from './files.ts'
import { withReasons } from './preflight.ts'
import { expectUnit, hasSystemd, startUnit, stopUnit } from './systemd.ts'

/** Rejects where it could not be started: there is no unit for it, or one that would start something else. */
export async function expectStartable(system: System): Promise<void> {
  if (!(await hasSystemd(system))) return
  const paths = daemonArgv(system).filter((word) => word.startsWith('/'))
  await expectUnit(paths, system)
}

/** The folder of the sockets, and the one in which the workers are locked up; somebody may have removed them. */
export async function makeRoom(system: System): Promise<void> {
  const { runDir } = system.places
  await system.makeDirectory(runDir, 0o700)
  await system.makeDirectory(`${runDir}/proxy`, 0o700)
  await system.makeDirectory(`${runDir}/proxy/empty`, 0o700)
}

export async function start(system: System): Promise<void> {
  if (await hasSystemd(system)) await startUnit(system)
  else await withReasons(async () => system.run(daemonArgv(system)))
}

function daemonArgv(system: System): Argv {
  const files = ['-f', fileAt(system, 'haproxy.cfg'), '-f', fileAt(system, 'backends.cfg')]
  const pidFile = ['-p', `${system.places.runDir}/proxy/haproxy.pid`]
  return ['haproxy', '-W', '-D', ...files, ...pidFile, '-S', `${socketAt(system, 'master')},mode,600`]
}

/** Looks are 50 ms apart at first, later 250: about 10 s for requests under way, then 2 s for each harder word. */
const PATIENCE = [
  { signal: 'USR1', looks: 48 },
  { signal: 'TERM', looks: 16 },
  { signal: 'KILL', looks: 16 },
] as const

/** Requests under way may end, then what is left is ended. */
export async function stop(system: System): Promise<void> {
  if (await hasSystemd(system)) await stopUnit(system)
  for (const { signal, looks } of PATIENCE) {
    const left = await ourProcesses(system)
    if (left.size === 0) return
    const meant = signal === 'USR1' ? await masterAmong(left, system) : left
    await unless(isEnded, async () => system.run(['kill', `-${signal}`, ...[...meant].map(String)]))
    if (await areGone(looks, system)) return
  }
  const left = [...(await ourProcesses(system))].join(', ')
  throw new SystemError({ code: 'other', subject: 'haproxy stop', detail: `process ${left} does not end` })
}

async function areGone(looks: number, system: System): Promise<boolean> {
  for (let look = 0; look < looks; look += 1) {
    if ((await ourProcesses(system)).size === 0) return true
    await system.pause(look < 10 ? 50 : 250)
  }
  return false
}

/** A worker that ends first would take its master along, and the others. */
async function masterAmong(pids: ReadonlySet<number>, system: System): Promise<ReadonlySet<number>> {
  const read = async () => system.readFile(`${system.places.runDir}/proxy/haproxy.pid`)
  const written = Number((await unless(isAbsent, read))?.trim())
  return pids.has(written) ? new Set([written]) : pids
}

/** It ended by itself in between. */
function isEnded({ detail }: SystemError): boolean {
  return /No such process/i.test(detail)
}
