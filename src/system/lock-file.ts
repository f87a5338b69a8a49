import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { SystemError } from './errors.ts'
import { fileError } from './files.ts'
import { ownDirectory, ROOT } from './own-directory.ts'

/** It could not say who it is. */
export const UNTOLD = 'another process'

/**
 * Opens the file, makes it and its directory if need be. Returns why it cannot be had: a file system that is full or
 * read-only takes no new file. Throws `denied` where others than root can reach what is there.
 */
export function openOurs(file: string): number | SystemError {
  const fault = ownDirectory(dirname(file))
  if (fault !== undefined) return fault
  const fresh = openFile(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW)
  if (typeof fresh === 'number') return checked(file, fresh)
  // It may be there already where none can be made; a lock needs no right to write.
  const old = openFile(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  return typeof old === 'number' ? checked(file, old) : fresh
}

/** Node opens everything with O_CLOEXEC: no program that we start inherits it but where it is given on. */
export function openFile(path: string, flags: number): number | SystemError {
  try {
    return openSync(path, flags, 0o600)
  } catch (error) {
    return fileError(path, error)
  }
}

function checked(file: string, descriptor: number): number {
  const found = fstatSync(descriptor)
  if (found.isFile() && found.uid === ROOT && narrowed(descriptor, found.mode)) return descriptor
  closeSync(descriptor)
  throw new SystemError({ code: 'denied', subject: file, detail: 'is not a file of root alone' })
}

function narrowed(descriptor: number, mode: number): boolean {
  if ((mode & 0o077) === 0) return true
  try {
    fchmodSync(descriptor, 0o600)
    return true
  } catch {
    return false
  }
}

/** Whether the name still leads to what was opened: somebody may have removed it meanwhile. */
export function isStill(file: string, descriptor: number): boolean {
  const ours = fstatSync(descriptor)
  try {
    const there = statSync(file)
    return there.ino === ours.ino && there.dev === ours.dev
  } catch {
    return false
  }
}

/** Who holds the file's lock, in its own words. */
export function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, 200).trim() || UNTOLD
  } catch {
    return UNTOLD
  }
}

/** Says who holds it; on a full or read-only file system that stays untold. */
export function writeHolder(descriptor: number, self: string): void {
  try {
    ftruncateSync(descriptor, 0)
    if (self !== '') writeSync(descriptor, `${self}\n`, 0)
  } catch {
    // It is only for people.
  }
}
