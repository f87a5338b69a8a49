import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { watchNetworks } from '../../src/system/named-networks.ts'
import { eventually, pause } from './eventually.ts'

const RUN = '/run/netns'
const NAME = 'slash64-named'

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: 'ignore' })
}

const closes: (() => void)[] = []
afterEach(() => {
  for (const close of closes.splice(0)) close()
  try {
    ip('netns', 'del', NAME)
  } catch {
    // It is gone.
  }
})

function watched(): string[] {
  const told: string[] = []
  closes.push(watchNetworks(RUN, [NAME, 'never'], (name) => told.push(name)).close)
  return told
}

describe('named network namespaces', () => {
  it('that are made and deleted are told, each once; what was there before is not', async () => {
    ip('netns', 'add', NAME)
    const told = watched()
    await pause(600)
    expect(told).toEqual([])
    ip('netns', 'del', NAME)
    await eventually(() => told.length === 1, 'the deletion')
    ip('netns', 'add', NAME)
    await eventually(() => told.length === 2, 'the new one')
    await pause(600)
    expect(told).toEqual([NAME, NAME])
  })

  it('one that was made anew between two looks is told, although the kernel may give it the number of the last one', async () => {
    ip('netns', 'add', NAME)
    const told = watched()
    for (let time = 1; time <= 6; time += 1) {
      ip('netns', 'del', NAME)
      ip('netns', 'add', NAME)
      await eventually(() => told.length >= time, `the ${time}th one`)
      // The kernel takes the last one apart, and its number is free again.
      await pause(300)
    }
    expect(told.every((name) => name === NAME)).toBe(true)
  })

  it('a name is a file first, on which the namespace is mounted afterwards: that is what is told', async () => {
    mkdirSync(RUN, { recursive: true })
    const told = watched()
    execFileSync('sh', ['-c', `: >${RUN}/${NAME}`])
    await pause(600)
    expect(told).toEqual([])
    execFileSync('unshare', ['-n', 'sh', '-c', `mount --bind /proc/self/ns/net ${RUN}/${NAME}`])
    await eventually(() => told.length === 1, 'the namespace')
  })
})
