import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { KERNEL_MONITORS } from '../../src/controller/kernel-monitors.ts'
import { joined } from '../../src/controller/condition.ts'
import { nodeFeeds } from '../../src/system/node-feeds.ts'
import { eventually } from './eventually.ts'
import { followed } from './followed.ts'

const folder = mkdtempSync(join(tmpdir(), 'slash64-look-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('what /proc shows of a program that is followed', () => {
  it('that it is stopped, and that it goes on', async () => {
    const one = followed(['sh', '-c', 'echo $$; exec sleep 60'])
    await eventually(() => one.lines.length === 1, 'its number')
    const pid = Number(one.lines[0])
    expect(await one.look()).toEqual({ isStopped: false, sockets: [] })
    process.kill(pid, 'SIGSTOP')
    await eventuallyShows(one, true)
    process.kill(pid, 'SIGCONT')
    await eventuallyShows(one, false)
  })

  it('nothing once it has ended, whoever has its number then', async () => {
    const one = followed(['sh', '-c', 'exit 0'])
    await eventually(() => one.ends.length === 1, 'the end')
    expect(await one.look()).toEqual({ isStopped: false, sockets: [] })
  })

  it('killed, also where it is stopped, it is gone, and tells nothing any more', async () => {
    const one = followed(['sh', '-c', 'echo $$; kill -STOP $$; sleep 60'])
    await eventuallyShows(one, true)
    one.kill()
    await eventually(async () => !(await isThere(Number(one.lines[0]))), 'its end')
    expect(one.ends).toEqual([])
  })

  it.each(KERNEL_MONITORS.map(({ name }) => name))(
    '%s: the groups of its socket, also behind a wrapper that does not become it; its echo is heard',
    async (name) => {
      const monitor = KERNEL_MONITORS.find((one) => one.name === name)
      const { argv, proof } = monitor ?? {}
      if (argv === undefined || proof === undefined) throw new Error('no such monitor')
      const path = process.env['PATH'] ?? ''
      const wrapper = join(folder, argv[0])
      writeFileSync(wrapper, `#!/bin/sh\nPATH='${path}'\n${argv[0]} "$@"\nexit 1\n`)
      chmodSync(wrapper, 0o755)
      const one = followed(argv, `${folder}:${path}`)
      await eventually(async () => joined(await one.look(), proof).length === 1, 'its subscription')
      const feeds = nodeFeeds({ path })
      const { echo } = proof
      const answer = echo.ask === undefined ? '' : await feeds.run(echo.ask)
      const command = echo.make('1', answer)
      if (command === undefined) throw new Error(`no echo after: ${answer}`)
      await feeds.run(command)
      await eventually(() => one.lines.some((line) => echo.isHeard(line, '1')), 'its echo')
      expect(joined(await one.look(), proof).map(({ drops }) => drops)).toEqual([0])
    },
  )
})

async function eventuallyShows(one: ReturnType<typeof followed>, isStopped: boolean): Promise<void> {
  await eventually(async () => (await one.look()).isStopped === isStopped, `stopped: ${isStopped}`)
}

async function isThere(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
