import { randomBytes } from 'node:crypto'
import { lstat, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError } from './errors.ts'

/** A file system in memory, where one is mounted everywhere: no disk that is full or read-only is in the way. */
const ELSEWHERE = '/dev/shm'

/**
 * Makes what keeps a text where only its owner can read it (0600): in the directory under that name, where it replaces the
 * one of before, or, where that cannot be, in a directory of its own (0700) below /dev/shm, the same each time. Resolves to
 * the file's path; rejects with `SystemError`.
 */
export function privateKeeper(directory: string, name: string): (text: string) => Promise<string> {
  let other: string | undefined
  return async (text) => {
    try {
      return await put(directory, name, text)
    } catch (first) {
      try {
        if (other === undefined || !(await isDirectory(other)))
          other = await mkdtemp(join(ELSEWHERE, 'slash64-'))
        return await put(other, name, text)
      } catch {
        throw refused(join(directory, name), first)
      }
    }
  }
}

/** Made under a name that nobody can know, and then put into its place: no link that waits there is followed. */
async function put(directory: string, name: string, text: string): Promise<string> {
  await makeMissing(directory)
  const fresh = join(directory, `.new-${randomBytes(8).toString('hex')}`)
  try {
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(text)
    } finally {
      await handle.close()
    }
    await rename(fresh, join(directory, name))
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw error
  }
  return join(directory, name)
}

/** Only the last of them: where even its parent is absent, this is no place that anybody looks at. */
async function makeMissing(directory: string): Promise<void> {
  await mkdir(directory, 0o700).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

async function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function refused(path: string, error: unknown): SystemError {
  const detail = error instanceof Error ? error.message : String(error)
  return new SystemError({ code: 'other', subject: path, detail })
}
