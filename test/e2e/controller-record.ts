import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, type RunnerTestSuite as Suite, type TestContext } from 'vitest'
import { CONTROL_SOCKET, parseAnswer, requestText } from '../../src/app/control-words.ts'
import type { Recording } from '../../src/report/recorder/entry.ts'
import { parseRecording } from '../../src/report/recorder/parse.ts'
import { recordingText } from '../../src/report/recorder/text.ts'
import { exchange } from '../../src/system/exchange.ts'
import { eventually } from '../lab/process.ts'

const PROGRAM = join(process.cwd(), 'dist/slash64.cjs')
/** Events and lines of the log that are printed at most. */
const MOST_EVENTS = 1_000
const MOST_LINES = 60
/** Milliseconds of the time before a failed test whose events are printed, too. */
const BEFORE = 10_000
/** Milliseconds to wait for an answer. */
const PATIENCE = 2_000

/** A controller whose last events are printed when a test fails. */
export interface Recorded {
  readonly pid: () => number
  readonly isAlive: () => boolean
  readonly runDirectory: string
  readonly log: () => string
  readonly exit: Promise<unknown>
}

export interface Witness {
  /** Keeps what it remembers for a failure that shows later. */
  readonly capture: () => Promise<void>
  /** The same in a hook behind a test that has failed, before this call returns. */
  readonly captureAtOnce: () => void
}

interface Known extends Recorded {
  /** What it remembered when somebody last asked. */
  latest: Recording | undefined
  /** Until when (its own monotonic ms) its events were printed, and how much of its log. */
  printed: number
  read: number
  /** By the time of day (ms), when it has. */
  endedAt: number
}

const known: Known[] = []
let began = Date.now()

let current: TestContext['task'] | undefined

/** Prints its last events and the end of its log when a test of this file fails, whatever became of it. */
export function recordedOn(controller: Recorded): Witness {
  const one: Known = { ...controller, latest: undefined, printed: -1, read: 0, endedAt: Infinity }
  known.push(one)
  void controller.exit.then(() => (one.endedAt = Date.now()))
  return {
    capture: async () => capture(one, answered),
    captureAtOnce: () => {
      if (current?.result?.state === 'fail') one.latest = asked(one) ?? one.latest
    },
  }
}

beforeEach(({ task }) => {
  began = Date.now()
  current = task
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await printAll(task.name)
})
// Nothing else hears of a `beforeAll` that failed. Vitest wants the pattern, which names what fixtures it is to make.
// oxlint-disable-next-line no-empty-pattern
afterAll(async ({}, file) => {
  if (hasFailedHook(file)) await printAll(`a hook of ${file.name}`)
})

function hasFailedHook({ result, tasks }: Suite): boolean {
  if ((result?.errors?.length ?? 0) > 0) return true
  return tasks.some((task) => task.type === 'suite' && hasFailedHook(task))
}

async function printAll(what: string): Promise<void> {
  for (const one of known.filter(({ endedAt }) => endedAt >= began)) {
    await capture(one, answered, written)
    console.error(story(one, what))
  }
}

function story(one: Known, what: string): string {
  const lines = one.log().slice(one.read).trimEnd().split('\n').slice(-MOST_LINES)
  one.read = one.log().length
  return [
    `--- ${what} failed. The controller (process ${one.pid()}, ${one.isAlive() ? 'alive' : 'ended'}) remembers:`,
    eventsOf(one),
    '--- the end of its log:',
    ...lines,
    '---',
  ].join('\n')
}

/** Those that were not printed yet, from a moment before the test began. */
function eventsOf(one: Known): string {
  if (one.latest === undefined) return 'nothing: it answers neither at its socket nor to SIGUSR2'
  const { clock, events, forgotten } = one.latest
  if (one.printed === clock.at) return 'nothing new: it answers no more'
  const from = clock.at - (new Date(clock.time).getTime() - began) - BEFORE
  const kept = events.filter(({ at }) => at > one.printed && at >= from).slice(-MOST_EVENTS)
  one.printed = clock.at
  return recordingText({
    ...one.latest,
    events: kept,
    forgotten: forgotten + events.length - kept.length,
  }).trimEnd()
}

/** The same while nothing else goes on here: a hook of the test file is about to kill it. */
function asked({ runDirectory }: Known): Recording | undefined {
  const words = [PROGRAM, 'events', '-o', 'json', '--run-dir', runDirectory]
  const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 5_000 })
  return document(stdout)
}

type Way = (one: Known) => Promise<Recording | undefined>

/** Asks in these ways, one after the other; what was known before stays when there is no answer. */
async function capture(one: Known, ...ways: readonly Way[]): Promise<void> {
  for (const way of ways) {
    const latest = one.isAlive() ? await way(one) : undefined
    if (latest === undefined) continue
    one.latest = latest
    return
  }
}

async function answered({ runDirectory }: Known): Promise<Recording | undefined> {
  const asking = exchange(join(runDirectory, CONTROL_SOCKET), requestText('events', {}), PATIENCE)
  const text = await asking.catch(() => '')
  return parseRecording(parseAnswer(text)?.rest['recording'])
}

/** For one that no longer listens. A process that is not the controller yet is ended by the signal. */
async function written({ pid, runDirectory, isAlive }: Known): Promise<Recording | undefined> {
  const files = (): readonly string[] =>
    [runDirectory, ...shared()]
      .map((folder) => join(folder, 'events.json'))
      .filter((file) => existsSync(file))
  const before = Date.now()
  try {
    process.kill(pid(), 'SIGUSR2')
  } catch {
    return undefined
  }
  const isFresh = (file: string): boolean =>
    statSync(file).mtimeMs >= before - 50 && parsed(file) !== undefined
  await eventually(() => files().some(isFresh) || !isAlive())
  const file = files().find(isFresh)
  return file === undefined ? undefined : parsed(file)
}

function shared(): readonly string[] {
  return readdirSync('/dev/shm')
    .filter((name) => name.startsWith('slash64-'))
    .map((name) => join('/dev/shm', name))
}

function parsed(file: string): Recording | undefined {
  return document(readFileSync(file, 'utf8'))
}

function document(text: string): Recording | undefined {
  try {
    return parseRecording(JSON.parse(text))
  } catch {
    return undefined
  }
}
