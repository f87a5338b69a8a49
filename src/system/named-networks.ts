import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworksWatch } from './feeds.ts'

/** Milliseconds between looks: two system calls a name. */
const LOOK = 250
/** Looks take at most this part of the time, as far as they need not wait for longer than the most. */
const SHARE = 0.01
const MOST = 1_000

/**
 * Tells which names of a directory became, or are no longer, network namespaces, or others than before; see `Feeds.networks`.
 * No events: `ip netns add` makes the file first and mounts on it afterwards, which inotify does not tell, and the directory
 * may come, go and be mounted over.
 */
export function watchNetworks(
  directory: string,
  names: readonly string[],
  changed: (name: string) => void,
): NetworksWatch {
  const kind = statSync('/proc/self/ns/net', EXACT).dev
  const identity = (name: string): string => identityOf(join(directory, name), kind)
  const known = new Map(names.map((name) => [name, identity(name)]))
  const look = (): void => {
    const others = names.filter((name) => {
      const now = identity(name)
      if (known.get(name) === now) return false
      known.set(name, now)
      return true
    })
    others.forEach(changed)
  }
  const again = (): void => {
    const began = performance.now()
    look()
    timer = setTimeout(again, Math.min(MOST, Math.max(LOOK, (performance.now() - began) / SHARE)))
  }
  let timer = setTimeout(again, LOOK)
  return { look, close: () => clearTimeout(timer) }
}

const EXACT = { bigint: true } as const

/**
 * The kernel gives the number of a namespace that went to the next one that is made; the inode of that has another time
 * (fs/nsfs.c). Synchronous: these file systems are in memory.
 */
function identityOf(path: string, kind: bigint): string {
  try {
    const { dev, ino, ctimeNs } = statSync(path, EXACT)
    return dev === kind ? `${ino} ${ctimeNs}` : ''
  } catch {
    return ''
  }
}
