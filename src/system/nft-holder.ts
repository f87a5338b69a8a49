import { randomBytes } from 'node:crypto'
import type { Argv } from '../engine/types.ts'
import { monotonic } from './clock.ts'
import { lateEvent } from './command-event.ts'
import type { LateEvent } from './command-event.ts'
import { classify } from './classify.ts'
import type { FailedCommand } from './classify.ts'
import { watchOver } from './deadline.ts'
import { SystemError } from './errors.ts'
import { USUAL } from './execute.ts'
import { boundToUs, start } from './follow.ts'
import type { Running } from './follow.ts'
import { limiter } from './limit.ts'
import { splitter } from './lines.ts'
import type { Evidence } from './process-group.ts'
import { findProgram } from './processes.ts'
import type { Scripts } from './scripts.ts'

/** A long-lived `nft -i`: a table that it makes with `flags owner` is its own while it lives. */
export interface NftHolder {
  readonly isAlive: () => boolean
  /** Runs a script as one transaction, as `nft -f FILE` does; starts the program first if need be. */
  readonly run: (script: string) => Promise<void>
  /** Ends the program: the table stays, without an owner. */
  readonly close: () => Promise<void>
}

export interface NftHolderOptions {
  readonly path: string
  readonly scripts: Scripts
  /** Is called when the program ended without being told to; at most once a second. */
  readonly lost: () => void
  readonly argv?: Argv
  /** A service manager ends all that we started with us. */
  readonly managed?: boolean
  /** Milliseconds until a transaction is given up, and the program killed, unless it makes progress (patience.ts). */
  readonly deadline?: number
  /** Is told of a transaction that took longer than that. */
  readonly late?: (event: LateEvent) => void
}

/** A path that nft's `include` takes as it is: neither quotes nor wildcards in it. */
export const PLAIN_PATH = /^[\w/.@+-]+$/

/** One that ends sooner (ms) is told late, so that a program that cannot live does not keep us busy. */
const SHORT_LIFE = 1_000

/** One program, with what is waited for. */
interface Child {
  readonly running: Running
  readonly over: Promise<void>
  /** Is told every line of its standard error. */
  hear: (line: string) => void
  /** Is told how it ended. */
  fail: (failed: FailedCommand) => void
}

export function nftHolder(options: NftHolderOptions): NftHolder {
  const { scripts, lost } = options
  const inTurn = limiter(1)
  let child: Child | undefined
  let count = 0
  let loss: NodeJS.Timeout | undefined
  const living = (): Child => {
    const began = monotonic()
    child ??= startChild(options, (ended) => {
      if (child !== ended) return
      child = undefined
      loss = setTimeout(lost, Math.max(0, began + SHORT_LIFE - monotonic()))
    })
    return child
  }
  return {
    isAlive: () => child !== undefined,
    run: async (script) =>
      inTurn(async () =>
        scripts.use(script, async (file) => transaction(living(), file, (count += 1), options)),
      ),
    close: async () => {
      const last = child
      child = undefined
      clearTimeout(loss)
      last?.running.stop()
      await last?.over
    },
  }
}

/** Like a System's own `run` of `nft -f`, as far as the failures go. */
async function transaction(
  child: Child,
  file: string,
  number: number,
  { path, deadline = USUAL, late }: NftHolderOptions,
): Promise<void> {
  const argv: Argv = ['nft', '-f', file]
  if (!PLAIN_PATH.test(file))
    throw new SystemError({ code: 'other', subject: argv.join(' '), detail: 'nft cannot include this path' })
  const word = endWord(number)
  const began = monotonic()
  let evidence: Evidence | undefined
  let [count, hear] = [0, (_line: string): void => undefined]
  const said = new Promise<readonly string[]>((resolve, reject) => {
    child.fail = (failed) => reject(new SystemError(classify(argv, { ...failed, evidence }, path)))
    hear = hearUntil(word, resolve)
  })
  child.hear = (line) => {
    count += 1
    hear(line)
  }
  const over = (seen: Evidence): void => {
    evidence = seen
    child.running.kill()
  }
  const watch = watchOver(child.running.pid, {
    program: 'nft',
    deadline,
    usual: deadline,
    heard: () => count,
    over,
  })
  child.running.say(`include "${file}"\n${word}\n`)
  try {
    const lines = await said
    const event = lateEvent(argv, (monotonic() - began) / 1000, deadline)
    if (event !== undefined) late?.(event)
    if (!lines.some((line) => /(^|\s)Error: /.test(line))) return
    throw new SystemError(classify(argv, { stderr: lines.join('\n'), exitCode: 1 }, path))
  } finally {
    watch.cancel()
    child.hear = () => undefined
    child.fail = () => undefined
  }
}

/**
 * No command of nft: its syntax error is printed at once behind what the script's transaction said, while standard
 * output is kept in a buffer when it is a pipe.
 */
function endWord(number: number): string {
  return `slash64-end-${OURS}-${number}`
}

/** No script says it by chance. */
const OURS = randomBytes(8).toString('hex')

/** Gathers what nft said until it complains about the word: `Error: syntax error, ...`, the word, a line of `^`. */
function hearUntil(word: string, done: (lines: readonly string[]) => void): (line: string) => void {
  const lines: string[] = []
  return (line) => {
    if (line === word) return done(lines.slice(0, -1))
    // Below the word before; and where the script is read from says nothing.
    const isNoise = (lines.length === 0 && /^\^*$/.test(line)) || line.startsWith('In file included from ')
    if (!isNoise) lines.push(line)
  }
}

function startChild(
  { path, managed, argv = ['nft', '-i'] }: NftHolderOptions,
  ended: (child: Child) => void,
): Child {
  const [name, ...args] = argv
  const lines = splitter((line) => child.hear(line))
  let over = (): void => undefined
  const end = (failed: FailedCommand): void => {
    lines.flush()
    child.fail(failed)
    ended(child)
    over()
  }
  const run = (): Running => {
    const program = findProgram(name, path)
    if (program === undefined) return missing(end)
    const found: Argv = [program, ...args]
    // It ends with us by the end of its standard input, too; bound to us, it does so at once.
    const bound = managed === true ? found : boundToUs(found, path)
    return start(bound, { path, out: () => undefined, err: lines.feed, end, listens: true })
  }
  const child: Child = {
    running: run(),
    over: new Promise((resolve) => {
      over = resolve
    }),
    hear: () => undefined,
    fail: () => undefined,
  }
  return child
}

function missing(end: (failed: FailedCommand) => void): Running {
  queueMicrotask(() => end({ code: 'ENOENT' }))
  return { pid: undefined, say: () => undefined, stop: () => undefined, kill: () => undefined }
}
