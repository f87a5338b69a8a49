import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { watchFile } from '../../src/system/watch-file.ts'
import { eventually, pause } from './eventually.ts'

/** So rarely is the file looked at where an event must tell. */
export const NEVER = 3_600_000
/** So often, in milliseconds, where only a look can tell. */
export const OFTEN = 200

/** A fresh directory for each test. */
export let folder = ''
/** What is closed after each test. */
export const closing: (() => Promise<void>)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'slash64-watch-'))
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(folder, { recursive: true })
})

/** Watches, and waits until events are told. */
export async function watched(path: string, every = NEVER) {
  const [seen, before] = [{ changes: 0 }, watches()]
  const { close } = watchFile(path, () => (seen.changes += 1), every)
  closing.push(close)
  expect(seen.changes).toBe(0)
  // The first look tells, whatever it finds.
  await eventually(() => seen.changes > 0, 'the first look')
  // Nothing is watched while its directory is missing.
  if (existsSync(dirname(path))) await eventually(() => watches() > before, 'a watch')
  await pause(50)
  const first = seen.changes
  const missed: string[] = []
  return {
    close,
    count: () => seen.changes - first,
    /** What was not told in time. */
    missed,
    /** Does it, and waits for its being told. */
    tells: async (effect: () => void) => {
      const told = seen.changes
      effect()
      await eventually(() => seen.changes > told, '').catch(() => missed.push(`${effect}`))
      // What belongs to it may come after.
      await pause(40)
    },
  }
}

/** How many inotify watches this process has. */
export function watches(): number {
  const texts = readdirSync('/proc/self/fdinfo').flatMap((fd) => {
    try {
      return [readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')]
    } catch {
      return []
    }
  })
  return texts.join('\n').match(/^inotify /gm)?.length ?? 0
}

/** As editors and configuration management do. */
export function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

/** `ln -sfn`. */
export function point(link: string, to: string): void {
  symlinkSync(to, `${link}.new`)
  renameSync(`${link}.new`, link)
}
