import { randomBytes } from 'node:crypto'
import { constants, readlinkSync, realpathSync } from 'node:fs'
import { mkdir, open, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SystemError } from './errors.ts'
import type { SystemErrorCode } from './errors.ts'

const CODES: Readonly<Record<string, SystemErrorCode>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'read-only',
  EEXIST: 'exists',
}

/** What who started us opened for us, as `<(command)` of a shell does: that may be a pipe. */
const HANDED = /^\/(dev\/(stdin$|fd\/)|proc\/self\/fd\/)/

/** Rejects where it is no regular file: reading a named pipe (FIFO) would wait for ever for somebody to write. */
export async function readText(path: string): Promise<string> {
  return guarded(path, async () => {
    if (HANDED.test(path)) return readFile(path, 'utf8')
    if (!(await stat(path)).isFile()) throw irregular(path)
    // It may have become one in between: then it is empty instead of waiting.
    return readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NONBLOCK })
  })
}

/** Where a symbolic link points to, as it is written. */
export async function readLink(path: string): Promise<string> {
  return guarded(path, async () => readlink(path))
}

function irregular(path: string): SystemError {
  return new SystemError({ code: 'other', subject: path, detail: 'is not a regular file' })
}

/** New file, fsync, rename: a crash leaves the old content or the new, and a full disk leaves the old. */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const fresh = `${path}.${randomBytes(8).toString('hex')}.tmp`
  await guarded(path, async () => {
    await makeMissing(dirname(path), 0o755)
    try {
      await writeNew(fresh, content, 0o644)
      await rename(fresh, path)
    } catch (error) {
      await rm(fresh, { force: true })
      throw error
    }
  })
}

/** For /proc/sys, where a file cannot be replaced. */
export async function writeInPlace(path: string, content: string): Promise<void> {
  await guarded(path, async () => writeFile(path, content, { flag: 'r+' }))
}

export async function removeFile(path: string): Promise<void> {
  await guarded(path, async () => rm(path, { force: true }))
}

export async function removeTree(path: string): Promise<void> {
  await guarded(path, async () => rm(path, { force: true, recursive: true }))
}

/** The path without symbolic links, as far as it is there: one place has one name, whatever it was called by. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path))
  }
}

/** The number of our own network namespace, as in `net:[4026531840]`; empty where /proc does not tell. */
export function networkNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0] ?? ''
  } catch {
    return ''
  }
}

/** Makes the directory, and those above it, unless it is there. */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  await guarded(path, async () => makeMissing(path, mode))
}

/**
 * Makes a directory and what is missing above it. Node's own `recursive` never ends where a file system answers
 * ENOENT for a child of a directory that is there, as /proc does (Node 20.20).
 */
export async function makeMissing(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeMissing(dirname(path), 0o755)
    await mkdir(path, mode)
  }
}

/** Writes a file that must not be there yet, and waits until it is on disk. */
export async function writeNew(path: string, content: string, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Runs an effect; rejects with a `SystemError` in the system's words. */
export async function guarded<T>(path: string, effect: () => Promise<T>): Promise<T> {
  try {
    return await effect()
  } catch (error) {
    throw error instanceof SystemError ? error : fileError(path, error)
  }
}

/** What the file system said, as a System tells it. */
export function fileError(path: string, error: unknown): SystemError {
  const { code = '', message } = error as NodeJS.ErrnoException
  return new SystemError({ code: CODES[code] ?? 'other', subject: path, detail: words(code, message) })
}

function words(code: string, message: string): string {
  return message.replace(/, [a-z]+ '.*$/, '').replace(/^[A-Z]+: /, '') || code
}
