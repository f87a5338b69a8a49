import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pause } from './clock.ts'
import type { Task } from './patience.ts'

/** What was seen of a program that is given up. */
export interface Evidence {
  /** The process for which the others wait: `nft, process 123: state S, waits in nfnl_lock`; empty: none lives any more. */
  readonly short: string
  /** A line for each thread, with its system call and its stack in the kernel, as far as that can be read. */
  readonly lines: readonly string[]
}

/** Threads that are looked at, and told of. */
const MOST_TASKS = 256
const MOST_LINES = 12
/** Milliseconds; what the kernel shows of a process that is becoming another program is held back meanwhile. */
const PATIENCE = 500
/** Nanoseconds of a clock tick, as proc(5) counts (USER_HZ is 100 on every architecture of today). */
const TICK = 1e7

/**
 * All threads of the process and of those that it started, and theirs: parents first. Empty where /proc does not tell, or none
 * lives any more. None of the files that are read here waits for a lock that the process may hold.
 */
export function tasksOf(pid: number): readonly Task[] {
  const found: Task[] = []
  const pids = [pid]
  for (let at = 0; at < pids.length && found.length < MOST_TASKS; at += 1) {
    const folder = `/proc/${pids[at]}/task`
    for (const tid of attempt(() => readdirSync(folder)) ?? []) {
      const task = taskOf(pids[at] ?? 0, Number(tid))
      if (task !== undefined) found.push(task)
      const children = attempt(() => readFileSync(`${folder}/${tid}/children`, 'utf8')) ?? ''
      pids.push(...children.split(' ').filter(Boolean).map(Number))
    }
  }
  return found
}

function taskOf(pid: number, tid: number): Task | undefined {
  const folder = `/proc/${pid}/task/${tid}`
  const stat = attempt(() => readFileSync(`${folder}/stat`, 'utf8'))
  return stat === undefined
    ? undefined
    : parseTask({ pid, tid, stat, schedstat: attempt(() => readFileSync(`${folder}/schedstat`, 'utf8')) })
}

/** Of the texts of `stat` and `schedstat`; without the latter (CONFIG_SCHED_INFO) it is counted in ticks. */
export function parseTask(read: {
  readonly pid: number
  readonly tid: number
  readonly stat: string
  readonly schedstat: string | undefined
}): Task | undefined {
  const { pid, tid, stat, schedstat } = read
  // The name may have parentheses and spaces of its own.
  const [, comm, state, rest] = /^\d+ \((.*)\) (\S) (.*)$/s.exec(stat.trimEnd()) ?? []
  if (comm === undefined || state === undefined || rest === undefined) return undefined
  const ticks = rest.split(' ').slice(10, 14).map(Number)
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = ticks
  const [ran = (user + system) * TICK, waited = 0] = schedstat?.split(' ').map(Number) ?? []
  // Every thread shows what the children of its process have used.
  const ended = pid === tid ? (childUser + childSystem) * TICK : 0
  return { pid, tid, comm, state, ran: ran + ended, waited }
}

/** Looks at what the process, and all that it started, wait for. Never rejects, and takes half a second at most. */
export async function evidenceOf(pid: number): Promise<Evidence> {
  const tasks = tasksOf(pid)
  const culprit = tasks.find(({ state }) => state === 'T' || state === 't') ?? innermost(tasks)
  const lines = Promise.all(tasks.slice(-MOST_LINES).map(lineOf))
  return {
    short: culprit === undefined ? '' : shortOf(culprit),
    lines: await Promise.race([lines, pause(PATIENCE).then(() => tasks.map(shortOf))]),
  }
}

/** The first thread of the process that was started last: whoever started it waits for it. */
function innermost(tasks: readonly Task[]): Task | undefined {
  return tasks.findLast(({ pid, tid }) => pid === tid)
}

function shortOf(task: Task): string {
  const { pid, tid, comm, state } = task
  const thread = pid === tid ? '' : `, thread ${tid}`
  const place = attempt(() => readFileSync(`/proc/${pid}/task/${tid}/wchan`, 'utf8')) ?? ''
  return `${comm}, process ${pid}${thread}: state ${state}${/^\w*[a-z_]\w*$/i.test(place) ? `, waits in ${place}` : ''}`
}

async function lineOf(task: Task): Promise<string> {
  const read = async (name: string): Promise<string> =>
    readFile(`/proc/${task.pid}/task/${task.tid}/${name}`, 'utf8').catch(() => '')
  const [syscall, stack] = await Promise.all([read('syscall'), read('stack')])
  const calls = [...stack.matchAll(/^\[<\w+>\] ([^\n]+)$/gm)].map(([, call]) => call)
  return [
    shortOf(task),
    ...(syscall === '' ? [] : [`system call ${syscall.trim()}`]),
    ...(calls.length === 0 ? [] : [`stack ${calls.join(' < ')}`]),
  ].join('; ')
}

/** Processes end while they are looked at. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
