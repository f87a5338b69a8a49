/** One thread of a process, as the kernel accounts for it (proc(5), Documentation/scheduler/sched-stats.rst). */
export interface Task {
  readonly pid: number
  readonly tid: number
  readonly comm: string
  /** `R` runs or waits for a processor, `D` works or waits in the kernel, `S` sleeps, `T` is stopped, ... */
  readonly state: string
  /** Nanoseconds on a processor, those of its children that have ended included. */
  readonly ran: number
  /** Nanoseconds for which it could have run, and others did. */
  readonly waited: number
}

/** A program with all that it started, at one moment. */
export interface Look {
  /** Milliseconds of the monotonic clock. */
  readonly at: number
  readonly tasks: readonly Task[]
  /** Bytes that it has printed until then. */
  readonly heard: number
}

/** No program is waited for longer (ms), however busy the machine is. */
export const LONGEST = 60_000
/** As much of the time must be work, or waiting for a processor: one that polls in short sleeps works less. */
const SHARE = 1 / 4

/**
 * Programs that ask another one, and sleep until it answers. The others ask the kernel only, which works in their own time: no
 * load of the machine explains that they sleep. Not lxc-info and podman: they do not answer about a container whose hook waits
 * for us (`attach`), and that must not become longer than hooks wait.
 */
const ASKING = new Set(['docker', 'incus', 'machinectl', 'systemctl', 'systemd-notify'])

/** In how many looks in a row a program must sleep to be hung; `busyness` as the machine shows it (busyness.ts). */
export function idleLooks(program: string, busyness: number): number {
  return ASKING.has(program) ? Math.max(1, Math.round(busyness)) : 1
}

/** Milliseconds after which a program is ended though it makes progress; `usual` is what programs may take that do not say. */
export function hardLimit(deadline: number, usual: number): number {
  return Math.max(deadline, Math.min(LONGEST, Math.max(usual, 10 * deadline)))
}

/**
 * Whether a program that is late is slow, and worth waiting for, or hangs: it neither worked nor printed anything between two
 * looks, or so many in a row (`idle`) where it may wait for another program that is slow. A single look tells nothing.
 */
export function judge(looks: readonly Look[], idle: number): 'slow' | 'hung' {
  const last = looks.slice(-idle - 1)
  const isMoving = last.some((now, index) => {
    const before = last[index - 1]
    return before !== undefined && moved(before, now)
  })
  return isMoving || last.length <= idle ? 'slow' : 'hung'
}

function moved(before: Look, now: Look): boolean {
  if (now.heard > before.heard) return true
  // What has waited for a processor all the while is accounted for only once it gets one.
  if (now.tasks.some(({ state }) => state === 'R' || state === 'D')) return true
  const known = new Map(before.tasks.map((task) => [task.tid, workOf(task)]))
  const work = now.tasks.reduce((sum, task) => sum + workOf(task) - (known.get(task.tid) ?? 0), 0)
  return work / 1e6 >= SHARE * (now.at - before.at)
}

function workOf({ ran, waited }: Task): number {
  return ran + waited
}
