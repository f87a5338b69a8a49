import { randomBytes } from 'node:crypto'
import type { Argv } from '../engine/types.ts'
import type { Output } from './execute.ts'

/** One command of many that are alike: what it is given to read, and how long it may take (ms). */
export interface Alike {
  readonly argv: Argv
  /** The command as people are told of it. */
  readonly told: Argv
  readonly input: string
  readonly deadline: number
}

/** How long a shell may take: in milliseconds until it is given up unless it makes progress; and without being called late. */
export interface ShellLimits {
  readonly deadline: number
  readonly allowed: number
  /** Of what it runs, as people are told. */
  readonly told: Argv
}

/** Starts one program; its whole output, also when it fails. */
type Execute = (argv: Argv, limits: ShellLimits) => Promise<Output | undefined>

/** Commands for one shell: those that come meanwhile are not to wait long for a place. */
const MOST = 16
/** How long a shell may take (ms) without any progress: to begin, and for each command. */
const FIRST = 1_000
const EACH = 40

interface Waiting extends Alike {
  readonly done: (output: Output | undefined) => void
}

/**
 * Runs commands that come at the same time by a few shells, one behind the other, instead of each as a process of ours: Node
 * needs ten times as long to start one. Those that came last go first: a look that is made while another goes on is
 * the more urgent one. Undefined: it was alone, or its shell did not get to its end; ask for it by itself.
 */
export function together(execute: Execute, most: number): (command: Alike) => Promise<Output | undefined> {
  let [waiting, coming]: [Waiting[], Waiting[]] = [[], []]
  let lanes = 0
  const work = (): void => {
    while (lanes < most && waiting.length > 0) {
      const share = Math.max(2, Math.min(MOST, Math.ceil(waiting.length / (most - lanes))))
      lanes += 1
      void run(waiting.splice(0, share), execute).finally(() => {
        lanes -= 1
        work()
      })
    }
  }
  const begin = (): void => {
    waiting = [...coming, ...waiting]
    coming = []
    work()
  }
  return async (command) =>
    new Promise((done) => {
      // Those that are asked for with it come within the same turns of the event loop.
      if (coming.length === 0) setTimeout(begin, 2)
      coming.push({ ...command, done })
    })
}

async function run(share: readonly Waiting[], execute: Execute): Promise<void> {
  const mark = randomBytes(12).toString('hex')
  const alone = share.length === 1
  // One that hangs must not hold up the others for as long as it may take by itself.
  const longest = Math.max(...share.map((one) => one.deadline))
  const limits = { deadline: Math.min(longest, FIRST + EACH * share.length), ...tightest(share) }
  const output = alone ? undefined : await execute(['sh', '-c', scriptOf(share, mark)], limits)
  const parts = (output?.stdout ?? '').split(`\n${mark}\n`)
  share.forEach(({ done }, index) => done(outputOf(parts[2 * index], parts[2 * index + 1])))
}

/** Whose deadline is the shortest: for its sake all of them together are late. */
function tightest(share: readonly Alike[]): Pick<ShellLimits, 'allowed' | 'told'> {
  const [first] = share.toSorted((a, b) => a.deadline - b.deadline)
  const told: Argv = first?.told ?? ['sh']
  const others = share.length - 1
  return {
    allowed: first?.deadline ?? 0,
    told: others === 0 ? told : [...told, `(and ${others} more, one by one)`],
  }
}

/** Of each: what it printed, a mark, its exit code and what it said on standard error, a mark. */
function scriptOf(share: readonly Alike[], mark: string): string {
  const tail = `printf '\\n${mark}\\n%s %s\\n${mark}\\n' "$?" "$e"`
  // A here-document costs no process, as a pipe would.
  const lines = share.map(
    ({ argv, input }) =>
      `e=$(${argv.map(quoted).join(' ')} 2>&1 1>&3 <<'${mark}'\n${input.replace(/\n?$/, '\n')}${mark}\n); ${tail}`,
  )
  return `exec 3>&1\n${lines.join('\n')}\n`
}

/** A word of the shell that is nothing but itself. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function outputOf(stdout: string | undefined, told: string | undefined): Output | undefined {
  const [, code, stderr] = /^(\d+) (.*)$/s.exec(told ?? '') ?? []
  return stdout === undefined || code === undefined || stderr === undefined
    ? undefined
    : { stdout, exitCode: Number(code), stderr }
}
