import { backendsText, bindsOf, GENERATION_PATH, generationOf, parseSections } from '../../formats/haproxy.ts'
import type { Endpoint } from '../../engine/types.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'
import { FILE_NAMES, fileAt, readFiles, writeFiles } from './files.ts'
import type { Files } from './files.ts'
import { failedReloads, ourProcesses, reload, runningGeneration, runningWorker, unless } from './ask.ts'
import { check, expectFree } from './preflight.ts'
import { expectStartable, makeRoom, start, stop } from './process.ts'

const GENERATION_REQUEST = `GET ${GENERATION_PATH} HTTP/1.0\r\nHost: slash64\r\n\r\n`
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
  await keepGood(before, system)
  try {
    await writeFiles(files, system)
    await comeUp(files, system)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw await goneBack(error, { failed: files, before }, system)
  }
  await system.removeTree(fileAt(system, 'next'))
}

/** Starts or reloads the process, and waits until the files' generation answers everywhere. */
async function comeUp(files: Files, system: System): Promise<void> {
  const wanted = generationOfFiles(files)
  const old = await runningWorker(system)
  const failed = await failedReloads(system)
  await makeRoom(system)
  if (old !== undefined) await reload(system)
  else {
    // Its sockets were lost: nobody can speak to it any more, and it holds the ports.
    if ((await ourProcesses(system)).size > 0) await stop(system)
    await start(system)
  }
  const binds = bindsOf(files['haproxy.cfg'])
  let missing = await unserved(wanted, old, binds, system)
  for (let attempt = 0; missing.length > 0 && attempt < ATTEMPTS; attempt += 1) {
    if (old !== undefined && ((await failedReloads(system)) ?? 0) > (failed ?? 0))
      throw notUp('haproxy reload', `the new worker did not start: ${UNTOLD}`)
    await system.pause(20)
    missing = await unserved(wanted, old, binds, system)
  }
  if (missing.length === 0) return
  const detail = `generation ${wanted} does not answer on ${missing.join(', ')}`
  throw notUp(old === undefined ? 'haproxy start' : 'haproxy reload', detail)
}

/** HAProxy 2.6 tells the reasons of a reload to its standard error only, which a daemon has not. */
const UNTOLD =
  'often a port that is taken, or an address that this host has not (yet); with systemd see journalctl -u slash64-proxy'

function notUp(subject: string, detail: string): SystemError {
  return new SystemError({ code: 'other', subject, detail })
}

/**
 * Where another generation answers, or nobody: the process's own socket first, then every listener. Files that were
 * put back have the generation of the worker that is to go, so it must be another worker than that.
 */
async function unserved(
  wanted: string,
  old: number | undefined,
  binds: readonly Endpoint[],
  system: System,
): Promise<readonly string[]> {
  const worker = await unless(anyError, async () => runningWorker(system))
  const running = await unless(anyError, async () => runningGeneration(system))
  if (worker === undefined || worker === old || running !== wanted) return ['its own socket']
  const answers = await Promise.all(
    binds.map(async (bind) => ({ bind, answer: await unless(anyError, async () => ask(bind, system)) })),
  )
  return answers
    .filter(({ answer }) => answer !== wanted)
    .map(({ bind: { address, port } }) => `${address} port ${port}`)
}

async function ask(bind: Endpoint, system: System): Promise<string | undefined> {
  return (await system.exchange(bind, GENERATION_REQUEST)).split('\n').at(-2)
}

/** Whatever keeps it from answering: it does not answer. */
function anyError(): boolean {
  return true
}

/** What serves now is what is gone back to, also by a later pass if this one does not live to do it. */
async function keepGood(before: Files, system: System): Promise<void> {
  const running = await unless(anyError, async () => runningGeneration(system))
  if (isWhole(before) && running === generationOfFiles(before)) await writeFiles(before, system, 'good/')
}

function generationOfFiles(files: Files): string {
  return generationOf(files['haproxy.cfg'], files['backends.cfg'])
}

/** Whether all files are of one generation, and ours to the last word. */
function isWhole(files: Files): boolean {
  const { 'haproxy.cfg': base, 'backends.cfg': backends } = files
  return base !== '' && backends === backendsText(base, parseSections(backends))
}

/** Puts back what came up last, or what was there; the error that says what serves now. */
async function goneBack(
  failure: SystemError,
  { failed, before }: { readonly failed: Files; readonly before: Files },
  system: System,
): Promise<SystemError> {
  try {
    const good = await readFiles(system, 'good/')
    const running = await unless(anyError, async () => runningGeneration(system))
    const generation = generationOfFiles(good)
    // Of another generation than these two nothing is known: what serves is better than what may be years old.
    const isUsable = isWhole(good) && [undefined, generation, generationOfFiles(failed)].includes(running)
    if (!isUsable) return withOutcome(failure, await leaveOrGiveUp(before, running !== undefined, system))
    await writeFiles(good, system)
    if (running !== generation) await comeUp(good, system)
    return withOutcome(failure, 'the last good configuration was put back and serves', 'rolled-back')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const outcome = `the last good configuration could not be brought back: ${error.message}`
    return withOutcome(failure, outcome, 'rollback-failed')
  }
}

/** There is nothing to go back to. What serves is left to serve. */
async function leaveOrGiveUp(before: Files, isServing: boolean, system: System): Promise<string> {
  if (before['haproxy.cfg'] !== '') await writeFiles(before, system)
  if (isServing) return 'the process that runs was left as it is'
  await stop(system)
  if (before['haproxy.cfg'] === '')
    for (const name of FILE_NAMES) await system.removeFile(fileAt(system, name))
  return 'there is no configuration that had come up before, so nothing serves the routes'
}

function withOutcome(failure: SystemError, outcome: string, code = failure.code): SystemError {
  return new SystemError({ code, subject: failure.subject, detail: `${failure.detail.trim()}; ${outcome}` })
}
