import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { SystemError } from './errors.ts'
import { fileError } from './files.ts'

/** Also in a user namespace, for who is root there (user_namespaces(7)). */
export const ROOT = 0

/**
 * Makes a directory that only root can reach, or narrows one of root's to that. Returns why it cannot be made. Throws `denied`
 * where what is there is a link or somebody else's, or others may write in it.
 */
export function ownDirectory(path: string): SystemError | undefined {
  try {
    mkdirSync(path, 0o700)
  } catch (error) {
    if (lstat(path) === undefined) return fileError(path, error)
  }
  const found = lstat(path)
  if (found?.isDirectory() !== true || found.uid !== ROOT)
    throw new SystemError({ code: 'denied', subject: path, detail: 'is not a directory of root' })
  if ((found.mode & 0o077) === 0 || narrow(path) || (found.mode & 0o022) === 0) return undefined
  throw new SystemError({ code: 'denied', subject: path, detail: 'others than root may write in it' })
}

/** What of ours is in a run directory. */
const OURS = /^(tx-|lock-|\.new-|slash64|proxy$)|\.(sock|tmp|json|lock)$/

/** Closes a run directory to others; one in which others' things are, as in /run itself, stays as it is. */
export function closeToOthers(path: string): void {
  const found = lstat(path)
  if (found?.isDirectory() !== true || found.uid !== ROOT || (found.mode & 0o077) === 0) return
  try {
    if (basename(path) === 'slash64' || readdirSync(path).every((name) => OURS.test(name))) narrow(path)
  } catch {
    // It went meanwhile.
  }
}

function narrow(path: string): boolean {
  try {
    chmodSync(path, 0o700)
    return true
  } catch {
    return false
  }
}

function lstat(path: string) {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}
