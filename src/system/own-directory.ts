import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { SystemError } from './errors.ts'

/**
 * Makes a directory that only root can reach, or narrows one of root's to that. Returns why it is none: `denied` where it is
 * there and is a link or somebody else's, or others may write in it; another code where it cannot be made.
 */
export function ownDirectory(path: string): SystemError | undefined {
  try {
    mkdirSync(path, 0o700)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST' && lstat(path) === undefined)
      return new SystemError({ code: 'other', subject: path, detail: (error as Error).message })
  }
  const found = lstat(path)
  if (found?.isDirectory() !== true || found.uid !== process.geteuid?.())
    return new SystemError({ code: 'denied', subject: path, detail: 'is not a directory of root' })
  if ((found.mode & 0o077) === 0 || narrow(path) || (found.mode & 0o022) === 0) return undefined
  return new SystemError({ code: 'denied', subject: path, detail: 'others than root may write in it' })
}

/** What of ours is in a run directory. */
const OURS = /^(tx-|lock-|\.new-|slash64|proxy$)|\.(sock|tmp|json|lock)$/

/** Closes a run directory to others; one in which others' things are, as in /run itself, stays as it is. */
export function closeToOthers(path: string): void {
  const found = lstat(path)
  if (found?.isDirectory() !== true || found.uid !== process.geteuid?.() || (found.mode & 0o077) === 0) return
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
