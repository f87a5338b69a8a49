import { closeSync, constants } from 'node:fs'
import { monotonic } from './clock.ts'
import { SystemError } from './errors.ts'
import { networkNamespace } from './files.ts'
import { flock } from './flock.ts'
import { isStill, openFile, openOurs, readHolder, UNTOLD, writeHolder } from './lock-file.ts'

export interface LockOptions {
  /** One line about who takes it. */
  readonly self: string
  /** Where programs are looked up. */
  readonly path: string
  /** Milliseconds to wait for it; not at all unless told. */
  readonly wait?: number
  /** Once aborted, it is waited for no longer. */
  readonly stop?: AbortSignal | undefined
  readonly places?: LockPlaces
}

/** What is locked: each that can be had; whoever finds one of them held is refused. */
export interface LockPlaces {
  /** A file of ours, which says who holds it; its directory is made, with mode 0700. */
  readonly file: string
  /** A file that is always there. */
  readonly kernel: string
}

/**
 * Each network namespace has a file of its own of this name, which only root may open (0600). It takes no room on any file
 * system, is there where all of them are read-only, and cannot be removed, nor put in its place by others first, as a
 * file in /dev/shm could. In another instance of procfs, as a container has, it is another file.
 */
const KERNEL = '/proc/sys/net/ipv4/tcp_fastopen_key'
const DIRECTORY = '/run/slash64'
/** Somebody who removes our file each time that it is made is no accident. */
const TRIES = 10

function usualPlaces(): LockPlaces {
  return { file: `${DIRECTORY}/lock-${networkNamespace()}`, kernel: KERNEL }
}

/**
 * Takes the lock of this network namespace, whatever the run directory is: flock(2) on files that only root can open, which the
 * kernel frees when we die, however that is. Rejects with `busy` and who has it, with `denied` where we are not root, or others
 * can reach the file.
 */
export async function acquireLock(options: LockOptions): Promise<{ release(): Promise<void> }> {
  const { self, wait = 0, places: { file, kernel } = usualPlaces() } = options
  const wanted = { ...options, file, until: monotonic() + wait }
  const ours = await takeOurs(wanted)
  const held = typeof ours === 'number' ? [ours] : []
  try {
    const other = await takeKernels(kernel, wanted, typeof ours === 'number')
    if (typeof other === 'number') held.push(other)
    else if (typeof ours !== 'number') throw other.code === 'denied' ? forRoot(file) : ours
  } catch (error) {
    for (const descriptor of held) closeSync(descriptor)
    throw error
  }
  if (typeof ours === 'number') writeHolder(ours, self)
  return { release: async () => letGo(held, ours) }
}

type Wanted = LockOptions & { readonly file: string; readonly until: number }

/** Resolves to a descriptor that has the lock, or to why there is none to be had here. */
async function takeOurs(wanted: Wanted): Promise<number | SystemError> {
  const { file } = wanted
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const descriptor = openOurs(file)
    if (typeof descriptor !== 'number') return descriptor
    if (!(await locked(descriptor, wanted))) throw busy(file, readHolder(file))
    // systemd removes the directories of a unit that ends, and with them the file that we have waited for.
    if (isStill(file, descriptor)) return descriptor
    closeSync(descriptor)
  }
  return new SystemError({ code: 'other', subject: file, detail: 'is removed again and again' })
}

async function takeKernels(
  kernel: string,
  wanted: Wanted,
  isOursTaken: boolean,
): Promise<number | SystemError> {
  const descriptor = openFile(kernel, constants.O_RDONLY)
  if (typeof descriptor !== 'number') return descriptor
  if (await locked(descriptor, wanted)) return descriptor
  // Who took this one alone could not write into the other, or has lost it.
  throw busy(wanted.file, isOursTaken ? UNTOLD : readHolder(wanted.file))
}

/** Closes the descriptor unless it has the lock. */
async function locked(descriptor: number, { path, until, stop }: Wanted): Promise<boolean> {
  let isLocked = false
  try {
    isLocked = await flock(descriptor, { path, wait: until - monotonic(), stop })
  } finally {
    if (!isLocked) closeSync(descriptor)
  }
  return isLocked
}

function forRoot(file: string): SystemError {
  return new SystemError({ code: 'denied', subject: `lock ${file}`, detail: 'only root can take it' })
}

function busy(file: string, detail: string): SystemError {
  return new SystemError({ code: 'busy', subject: `lock ${file}`, detail })
}

/** The file stays: who waits for it has it open. */
function letGo(held: number[], ours: number | SystemError): void {
  if (typeof ours === 'number' && held.length > 0) writeHolder(ours, '')
  for (const descriptor of held.splice(0)) closeSync(descriptor)
}
