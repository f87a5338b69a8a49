import { parseInfoPid, parseVariable } from '../../formats/haproxy.ts'
import { PROCESSES_ARGV, startedWith } from '../../formats/sockets.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'
import { fileAt } from './files.ts'

export function socketAt({ places }: System, name: 'admin' | 'master'): string {
  return `${places.runDir}/proxy/${name}.sock`
}

/** The generation that runs; undefined while nobody answers. */
export async function runningGeneration(system: System): Promise<string | undefined> {
  return unless(isAbsent, async () =>
    parseVariable(await system.exchange(socketAt(system, 'admin'), 'get var proc.slash64\n')),
  )
}

/** The number of the worker that answers; undefined while nobody does. */
export async function runningWorker(system: System): Promise<number | undefined> {
  return unless(isAbsent, async () =>
    parseInfoPid(await system.exchange(socketAt(system, 'admin'), 'show info\n')),
  )
}

/** How often the master could not load a configuration; undefined while it does not answer. */
export async function failedReloads(system: System): Promise<number | undefined> {
  const ask = async () => system.exchange(socketAt(system, 'master'), 'show proc;quit\n')
  const text = await unless((error) => isAbsent(error) || isReset(error), ask)
  const [, failed] = /\[failed: (\d+)\]/.exec(text ?? '') ?? []
  return failed === undefined ? undefined : Number(failed)
}

/** Asks the master to take the files as they are now. It answers nothing: what came of it must be looked at. */
export async function reload(system: System): Promise<void> {
  await unless(isReset, async () => system.exchange(socketAt(system, 'master'), 'reload\n'))
}

/** Processes that were started with our configuration. */
export async function ourProcesses(system: System): Promise<ReadonlySet<number>> {
  const text = await system.query(PROCESSES_ARGV)
  return startedWith(fileAt(system, 'haproxy.cfg'), system.places.network, text)
}

/** The answer; undefined where the question failed in the way that is meant. */
export async function unless<T>(
  meant: (error: SystemError) => boolean,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof SystemError && meant(error)) return undefined
    throw error
  }
}

export function isAbsent({ code }: SystemError): boolean {
  return code === 'not-found'
}

/** The master begins anew in the midst of the conversation: of 158 reloads, HAProxy 2.6 reset nine. */
function isReset({ detail }: SystemError): boolean {
  return detail.includes('ECONNRESET')
}
