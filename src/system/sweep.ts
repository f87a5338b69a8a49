import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './own-directory.ts'
import { ELSEWHERE } from './scripts.ts'

/** Ten minutes: nothing of this lives that long, but another network namespace may share the directory. */
const STALE = 600_000

/** Scripts, sockets that are being made, and what was to replace a file. */
const OURS = new RegExp(`^(tx-|\\.new-|${ELSEWHERE})|\\.[0-9a-f]{16}\\.tmp$`)
const OURS_AMONG_OTHERS = new RegExp(`^${ELSEWHERE}`)

/** Removes what a killed run left behind in directories of ours. What cannot be removed stays: it does no harm. */
export async function sweep(directories: readonly string[]): Promise<void> {
  for (const directory of directories) await sweepOne(directory, OURS)
}

/** The same where others have their things. */
export async function sweepAmongOthers(directories: readonly string[]): Promise<void> {
  for (const directory of directories) await sweepOne(directory, OURS_AMONG_OTHERS)
}

async function sweepOne(directory: string, names: RegExp): Promise<void> {
  const found = await readdir(directory).catch(() => [])
  for (const name of found.filter((entry) => names.test(entry))) {
    const path = join(directory, name)
    const entry = await lstat(path).catch(() => undefined)
    // A link is removed itself; what others made is theirs.
    const isStale = entry !== undefined && entry.uid === ROOT && Date.now() - entry.mtimeMs > STALE
    if (isStale) await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}
