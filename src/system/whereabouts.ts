import type { BigIntStats } from 'node:fs'
import { lstat, readlink, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'

/** Where a file is found, by way of which names, and what it is there. */
export interface Whereabouts {
  /** The names whose change can make it another file. */
  readonly names: ReadonlySet<string>
  /** Changes with the file: identity, size, times, or why it cannot be looked at. */
  readonly state: string
  /** What is to be watched, with its identity: directories; in a crowded one only the files themselves. */
  readonly watched: ReadonlyMap<string, string>
}

/** Each directory in which a change of a name can make it another file, with these names. */
type Places = Map<string, Set<string>>

/** To the nanosecond. */
const EXACT = { bigint: true } as const
/** As many links as the kernel follows (path_resolution(7)). */
const LINKS = 40
/**
 * Bytes of a directory with some 500 names. Chokidar reads a whole directory after each of its events: with 10,000
 * names, 100 events a second take a core.
 */
const CROWDED = 16_384n

/** Follows a path from link to link, as the kernel does. On a mount that hangs, it is never resolved. */
export async function whereabouts(path: string): Promise<Whereabouts> {
  const places: Places = new Map()
  let [at, rest, links] = ['/', split(resolve(path)), 0]
  while (rest.length > 0) {
    const [name = '', ...after] = rest
    const [link, last] = [await linkAt(join(at, name)), after.length === 0]
    if (link !== undefined || last) places.set(at, (places.get(at) ?? new Set<string>()).add(name))
    if (link === undefined) [at, rest] = [join(at, name), after]
    else if ((links += 1) > LINKS) break
    else [at, rest] = [isAbsolute(link) ? '/' : at, [...split(link), ...after]]
  }
  const names = new Set([...places.values()].flatMap((inside) => [...inside]))
  return { names, state: `${at} ${await stateOf(path)}`, watched: await watchable(places) }
}

/** What is missing cannot be watched. */
async function watchable(places: Places): Promise<ReadonlyMap<string, string>> {
  const watched = new Map<string, string>()
  for (const [directory, inside] of places) {
    const crowded = ((await look(directory))?.size ?? 0n) > CROWDED
    for (const path of crowded ? [...inside].map((name) => join(directory, name)) : [directory]) {
      const found = await look(path)
      if (found !== undefined) watched.set(path, `${found.dev} ${found.ino}`)
    }
  }
  return watched
}

function split(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

async function linkAt(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path, EXACT)).isSymbolicLink() ? await readlink(path) : undefined
  } catch {
    return undefined
  }
}

async function stateOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, EXACT)
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

async function look(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, EXACT)
  } catch {
    return undefined
  }
}
