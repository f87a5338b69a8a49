import type { Endpoint } from '../../engine/types.ts'
import { holderOf, inTheWay, LISTENING_ARGV, parseListening } from '../../formats/sockets.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'
import { ourProcesses } from './ask.ts'
import { fileAt, writeFiles } from './files.ts'
import type { Files } from './files.ts'

/** A reload into a port that is taken refuses everybody for two seconds (HAProxy 2.6), so it is looked at before. */
export async function expectFree(binds: readonly Endpoint[], system: System): Promise<void> {
  const sockets = parseListening(await system.query(LISTENING_ARGV))
  const ours = await ourProcesses(system)
  for (const bind of binds) {
    const [taken] = inTheWay(bind, sockets, ours)
    if (taken === undefined) continue
    const detail = `${holderOf(taken)} listens there`
    throw new SystemError({ code: 'other', subject: `bind ${bind.address} port ${bind.port}`, detail })
  }
}

/** Lets HAProxy itself look at the files. What it refuses stays on its shelf, to be looked at by people. */
export async function check(files: Files, system: System): Promise<void> {
  await writeFiles(files, system, 'next/')
  const [base, backends] = [fileAt(system, 'haproxy.cfg', 'next/'), fileAt(system, 'backends.cfg', 'next/')]
  // Not -q: it would keep the reasons to itself.
  await withReasons(async () => system.run(['haproxy', '-c', '-f', base, '-f', backends]))
}

/** Runs HAProxy; of all that it says when it fails, the error has the reasons. */
export async function withReasons(run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const { code, subject, detail } = error
    throw new SystemError({ code, subject, detail: alerts(detail) })
  }
}

/** `[ALERT]    (12) : config : parsing [FILE:3] : unknown keyword` without the words around it. */
function alerts(text: string): string {
  const told = [...text.matchAll(/^\[ALERT\]\s*\(\d+\) : (.*)$/gm)].map(([, words]) => words)
  return told.length === 0 ? text : told.join('; ')
}
