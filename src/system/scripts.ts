import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError } from './errors.ts'
import { guarded, makeMissing, writeNew } from './files.ts'

/** Where scripts for `ip` and `nft` are while they run. */
export interface Scripts {
  /**
   * Puts a script whole into a file of its own while `use` runs: never over a pipe, which a kill would cut in a line. Where the
   * run directory does not take it, the file is in a fresh directory elsewhere, which only we can reach.
   */
  use<T>(script: string, use: (file: string) => Promise<T>): Promise<T>
  /** Why the run directory takes no script, tried now; undefined when it does. */
  fault(): Promise<SystemError | undefined>
}

export interface ScriptPlaces {
  readonly runDir: string
  /** Directories for which there is room elsewhere, the best first. */
  readonly elsewhere: readonly string[]
}

/** The beginning of the names of what is made elsewhere. */
export const ELSEWHERE = 'slash64-tx-'

/** On no disk, and writable in every sandbox (systemd.exec(5), ProtectSystem=, PrivateDevices=). */
export const MEMORY = '/dev/shm'

export function scripts({ runDir, elsewhere }: ScriptPlaces): Scripts {
  // Of the last that was not taken: a smaller one could be.
  let refused = ''
  const put = async (script: string): Promise<string> => {
    const file = join(runDir, `tx-${randomBytes(8).toString('hex')}`)
    try {
      await guarded(runDir, async () => {
        await makeMissing(runDir, 0o700)
        await fill(file, script)
      })
      if (script.length >= refused.length) refused = ''
      return file
    } catch (error) {
      refused = script
      throw error
    }
  }
  return {
    use: async (script, use) => {
      const place = await put(script).then(fileAlone, async (error) =>
        roomElsewhere(elsewhere, script, error),
      )
      try {
        return await use(place.file)
      } finally {
        await clear(place.whole)
      }
    },
    fault: async () => {
      try {
        await clear(await put(refused || '\n'))
        return undefined
      } catch (error) {
        if (error instanceof SystemError) return error
        throw error
      }
    },
  }
}

/** A file, and what is to be removed with it. */
interface Place {
  readonly file: string
  readonly whole: string
}

function fileAlone(file: string): Place {
  return { file, whole: file }
}

async function roomElsewhere(parents: readonly string[], script: string, error: unknown): Promise<Place> {
  for (const parent of parents) {
    const place = await room(parent, script)
    if (place !== undefined) return place
  }
  throw error
}

/** mkdtemp(3) makes it with mode 0700, under a name that nobody can know before. */
async function room(parent: string, script: string): Promise<Place | undefined> {
  let whole: string | undefined
  try {
    whole = await mkdtemp(join(parent, ELSEWHERE))
    const file = join(whole, 'tx')
    await writeNew(file, script, 0o600)
    return { file, whole }
  } catch {
    if (whole !== undefined) await clear(whole)
    return undefined
  }
}

/** Nothing is left of a file that is not whole. */
async function fill(file: string, script: string): Promise<void> {
  try {
    await writeNew(file, script, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await clear(file)
    throw error
  }
}

/** What cannot be removed, as its directory has become something else, is swept at a start, or is gone. */
async function clear(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined)
}
