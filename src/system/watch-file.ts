import { watch } from 'chokidar'
import type { FSWatcher } from 'chokidar'
import { basename } from 'node:path'
import { whereabouts } from './whereabouts.ts'
import type { Whereabouts } from './whereabouts.ts'

/** Milliseconds between looks at the file: some system calls for each name on its way. */
const LOOK = 1_000

/**
 * Tells when a file may have changed; see `Feeds.watch`. Chokidar tells at once; a look each second sees what no event
 * tells: directories that are made again or moved, file systems without events, and a host out of inotify watches. The
 * first look tells, too: what happened since the call is not known. A look that hangs with its mount holds up no other
 * work, and is the only one.
 */
export function watchFile(path: string, changed: () => void, every = LOOK): { close(): Promise<void> } {
  let seen: string | undefined
  let eyes: Eyes | undefined
  let [looking, again, told, closed] = [false, false, false, false]

  function look(heard = false): void {
    again = true
    told ||= heard
    if (looking || closed) return
    looking = true
    void looks().finally(() => (looking = false))
  }

  async function looks(): Promise<void> {
    while (again) {
      const heard = told
      again = told = false
      const now = await whereabouts(path)
      if (closed) return
      if (eyes?.isStale(now) !== false) {
        void eyes?.close()
        eyes = watchPlaces(now, look)
      }
      const differs = now.state !== seen
      seen = now.state
      if (heard || differs) changed()
    }
  }

  // One that waits is enough.
  const timer = setInterval(() => looking || look(), every)
  look()
  return {
    close: async () => {
      closed = true
      clearInterval(timer)
      await eyes?.close()
    },
  }
}

interface Eyes {
  /** Whether something else must be watched by now. */
  readonly isStale: (now: Whereabouts) => boolean
  readonly close: () => Promise<void>
}

/** Watches what is there. Calls once events are told from now on (what happened before was not), and with each event. */
function watchPlaces({ watched, names }: Whereabouts, look: (heard: boolean) => void): Eyes {
  let gone = false
  const watcher = watch([...watched.keys()], {
    ignoreInitial: true,
    depth: 0,
    // Else a removed file is told later, and names that look like an editor's are never.
    atomic: false,
    ignored: (path) => !watched.has(path),
  })
  watcher.on('ready', () => look(false))
  // The other events of chokidar leave out what comes within 50 ms after one, which may be the last word.
  watcher.on('raw', (event, name, details) => {
    // The watch is on an inode: it is dead when that was removed or moved, even if a new one has its number.
    const lost = event === 'rename' && name === basename(pathIn(details))
    gone ||= lost
    if (lost || names.has(name)) look(true)
  })
  silence(watcher)
  return {
    isStale: (now) => gone || !sameEntries(now.watched, watched),
    close: async () => {
      const closed = watcher.close()
      silence(watcher)
      await closed
    },
  }
}

/** Out of inotify watches (ENOSPC) or instances (EMFILE): the look each second goes on. Closing takes listeners away. */
function silence(watcher: FSWatcher): void {
  watcher.on('error', () => undefined)
}

function pathIn(details: unknown): string {
  const path =
    typeof details === 'object' && details !== null && 'watchedPath' in details ? details.watchedPath : ''
  return typeof path === 'string' ? path : ''
}

function sameEntries(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)
}
