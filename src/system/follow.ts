import { execa } from 'execa'
import type { Argv } from '../engine/types.ts'
import { classify } from './classify.ts'
import type { FailedCommand } from './classify.ts'
import { descriptorFault } from './descriptors.ts'
import { SystemError } from './errors.ts'
import type { Condition, Following, Listener } from './feeds.ts'
import { splitter } from './lines.ts'
import { lookAt } from './look-at.ts'
import { endGroup, findProgram } from './processes.ts'

/** How long a program may take to end after SIGTERM, and what holds its pipes after its end. */
const GRACE = 1_000

/** nft tells of a netlink overrun among its events (`# ERROR: We lost some netlink events!`), ip on standard error. */
const LOSS = /^# ERROR/

export interface HowToFollow {
  readonly path: string
  readonly managed: boolean
  readonly lineWise?: boolean
}

/** Starts a program and tells its lines until it ends or is stopped; nothing is told after that. See `Feeds.follow`. */
export function follow(argv: Argv, listener: Listener, { path, managed, lineWise }: HowToFollow): Following {
  let [silent, over, last] = [false, false, '']
  const out = splitter((text) => {
    if (!silent) (LOSS.test(text) ? listener.complaint : listener.line)(text)
  })
  const complaints = splitter((text) => {
    last = text.trim() || last
    if (!silent) listener.complaint(text)
  })
  const end = (failed: FailedCommand): void => {
    over = true
    out.flush()
    complaints.flush()
    if (!silent) listener.end(ended(argv, { ...failed, stderr: last }, path))
    silent = true
  }
  const program = findProgram(argv[0], path)
  if (program === undefined) {
    queueMicrotask(() => end({ code: 'ENOENT' }))
    return notStarted(() => (silent = true))
  }
  const fault = descriptorFault()
  if (fault !== undefined) {
    queueMicrotask(() => listener.end(new SystemError(classify(argv, { stderr: fault.message }, path))))
    return notStarted(() => undefined)
  }
  const found: Argv = [program, ...argv.slice(1)]
  const spoken = lineWise === true ? writingLines(found, path) : found
  const bound = managed ? spoken : boundToUs(spoken, path)
  const { stop, kill, pid } = start(bound, { path, out: out.feed, err: complaints.feed, end })
  const silently = (effect: () => void) => () => {
    silent = true
    effect()
  }
  return {
    stop: silently(stop),
    kill: silently(kill),
    look: async () => (over || pid === undefined ? NOTHING : lookAt(pid)),
  }
}

const NOTHING: Condition = { isStopped: false, sockets: [] }

function notStarted(stop: () => void): Following {
  return { stop, kill: stop, look: async () => NOTHING }
}

export interface Started {
  readonly path: string
  readonly out: (chunk: Buffer) => void
  readonly err: (chunk: Buffer) => void
  readonly end: (failed: FailedCommand) => void
  /** It reads its standard input. */
  readonly listens?: true
}

export interface Running {
  /** Undefined: it could not be started. */
  readonly pid: number | undefined
  /** Writes to its standard input. */
  readonly say: (text: string) => void
  /** Its whole group gets SIGTERM, and SIGKILL if it still lives after a second. */
  readonly stop: () => void
  readonly kill: () => void
}

/** Starts a program that goes on until it is stopped. */
export function start(argv: Argv, { path, out, err, end, listens }: Started): Running {
  const [command, ...args] = argv
  const child = execa(command, args, {
    stdin: listens ? 'pipe' : 'ignore',
    buffer: false,
    reject: false,
    detached: true,
    cwd: '/',
    extendEnv: false,
    // What reads lines may want to remember them in a file at home.
    env: { PATH: path, LC_ALL: 'C', ...(listens && { HOME: '/dev/null' }) },
  })
  // That it hears no more is told by its end.
  child.stdin?.on('error', () => undefined)
  child.stdout.on('data', out)
  child.stderr.on('data', err)
  let timer: NodeJS.Timeout | undefined
  child.once('exit', () => {
    clearTimeout(timer)
    // Nothing that it started may outlive it; what left the group may not keep its end from being told.
    endGroup(child.pid)
    timer = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, GRACE)
  })
  void child.then((result) => {
    clearTimeout(timer)
    end(result)
  })
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    pid: child.pid,
    say: (text) => void child.stdin?.write(text),
    kill: () => {
      if (!isOver()) endGroup(child.pid)
    },
    stop: () => {
      if (isOver()) return
      endGroup(child.pid, 'SIGTERM')
      timer = setTimeout(() => endGroup(child.pid), GRACE).unref()
    },
  }
}

/**
 * The kernel kills the program when we die, also by SIGKILL. Should we die before setpriv has asked for that, the
 * program ends at its next event, by its broken pipe.
 */
export function boundToUs(argv: Argv, path: string): Argv {
  const setpriv = findProgram('setpriv', path)
  return setpriv === undefined ? argv : [setpriv, '--pdeathsig', 'KILL', '--', ...argv]
}

/** Standard output has a buffer of some kilobytes where it is no terminal; stdbuf(1) has its library make that a line. */
function writingLines(argv: Argv, path: string): Argv {
  const stdbuf = findProgram('stdbuf', path)
  return stdbuf === undefined ? argv : [stdbuf, '-oL', ...argv]
}

/** A program that should go on for ever has ended: how, and its last words. */
function ended(argv: Argv, failed: FailedCommand & { readonly stderr: string }, path: string): SystemError {
  const details = classify(argv, failed, path)
  // It never began.
  if (failed.signal === undefined && failed.exitCode === undefined) return new SystemError(details)
  const how =
    failed.signal === undefined ? `ended with exit code ${failed.exitCode}` : `ended by ${failed.signal}`
  return new SystemError({ ...details, detail: failed.stderr === '' ? how : `${how}: ${failed.stderr}` })
}
