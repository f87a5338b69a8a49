import { bindsOf, generationOf } from '../../formats/haproxy.ts'
import type { Endpoint } from '../../engine/types.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'
import { FILE_NAMES, fileAt, readFiles, writeFiles } from './files.ts'
import type { Files } from './files.ts'
import { failedReloads, ourProcesses, reload, runningGeneration } from './ask.ts'
import { check, expectFree } from './preflight.ts'
import { expectStartable, start, stop } from './process.ts'

const GENERATION_REQUEST = 'GET /.well-known/slash64/generation HTTP/1.0\r\nHost: slash64\r\n\r\n'
/** 20 ms apart: until then a generation must have come up. HAProxy 2.6 itself tries for 2 s to bind. */
const ATTEMPTS = 250

/**
 * Brings the files up: checked beside the running ones, put in their place, loaded, and seen to answer on every
 * listener. When that fails, the last files that came up are put back and serve; the error says why.
 */
export async function load(files: Files, system: System): Promise<void> {
  await expectFree(bindsOf(files['haproxy.cfg']), system)
  await expectStartable(system)
  await check(files, system)
  const before = await readFiles(system)
  await writeFiles(files, system)
  try {
    await comeUp(files, system)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw await goneBack(error, before, system)
  }
  await writeFiles(files, system, 'good/')
  await system.removeTree(fileAt(system, 'next'))
}

/** Starts or reloads the process, and waits until the files' generation answers everywhere. */
async function comeUp(files: Files, system: System): Promise<void> {
  const wanted = generationOf(files['haproxy.cfg'], files['backends.cfg'])
  const isRunning = (await runningGeneration(system)) !== undefined
  const failed = await failedReloads(system)
  if (isRunning) await reload(system)
  else {
    // Its sockets were lost: nobody can speak to it any more, and it holds the ports.
    if ((await ourProcesses(system)).size > 0) await stop(system)
    await start(system)
  }
  const binds = bindsOf(files['haproxy.cfg'])
  let missing = await unserved(wanted, binds, system)
  for (let attempt = 0; missing.length > 0 && attempt < ATTEMPTS; attempt += 1) {
    if (isRunning && ((await failedReloads(system)) ?? 0) > (failed ?? 0)) break
    await system.pause(20)
    missing = await unserved(wanted, binds, system)
  }
  if (missing.length === 0) return
  const detail = `generation ${wanted} does not answer on ${missing.join(', ')}`
  throw new SystemError({ code: 'other', subject: isRunning ? 'haproxy reload' : 'haproxy start', detail })
}

/** Where another generation answers, or nobody: the process's own socket first, then every listener. */
async function unserved(
  wanted: string,
  binds: readonly Endpoint[],
  system: System,
): Promise<readonly string[]> {
  if ((await generationOn(async () => runningGeneration(system))) !== wanted) return ['its own socket']
  const answers = await Promise.all(
    binds.map(async (bind) => ({ bind, answer: await generationOn(async () => ask(bind, system)) })),
  )
  return answers
    .filter(({ answer }) => answer !== wanted)
    .map(({ bind: { address, port } }) => `${address} port ${port}`)
}

async function ask(bind: Endpoint, system: System): Promise<string | undefined> {
  return (await system.exchange(bind, GENERATION_REQUEST)).split('\n').at(-2)
}

/** Whatever keeps it from answering: it does not answer. */
async function generationOn(read: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Puts back what came up last, or what was there; the error that says what serves now. */
async function goneBack(failure: SystemError, before: Files, system: System): Promise<SystemError> {
  try {
    const good = await readFiles(system, 'good/')
    if (good['haproxy.cfg'] === '') return withOutcome(failure, await giveUp(before, system))
    await writeFiles(good, system)
    const generation = generationOf(good['haproxy.cfg'], good['backends.cfg'])
    const isServing = (await generationOn(async () => runningGeneration(system))) === generation
    if (!isServing) await comeUp(good, system)
    return withOutcome(failure, 'the last good configuration was put back and serves', 'rolled-back')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return withOutcome(failure, `the last good configuration could not be brought back: ${error.message}`)
  }
}

/** There is nothing to go back to. */
async function giveUp(before: Files, system: System): Promise<string> {
  await stop(system)
  if (before['haproxy.cfg'] === '')
    for (const name of FILE_NAMES) await system.removeFile(fileAt(system, name))
  return 'nothing had come up before, so nothing serves the routes'
}

function withOutcome(failure: SystemError, outcome: string, code = failure.code): SystemError {
  return new SystemError({ code, subject: failure.subject, detail: `${failure.detail.trim()}; ${outcome}` })
}
