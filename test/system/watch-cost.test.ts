import { spawn } from 'node:child_process'
import { readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { eventually, pause } from './eventually.ts'
import { folder, OFTEN, replace, watched, watches } from './watched.ts'

describe('what it costs', () => {
  it('one watch in a small directory, and none is left', async () => {
    const before = watches()
    writeFileSync(join(folder, 'network.yaml'), 'a')
    for (let index = 0; index < 100; index += 1) writeFileSync(join(folder, `${index}`), '')
    const { tells, close, missed } = await watched(join(folder, 'network.yaml'))
    for (let round = 0; round < 5; round += 1) await tells(() => replace(join(folder, 'network.yaml'), 'b'))
    expect(watches()).toBe(before + 1)
    await close()
    expect(watches()).toBe(before)
    expect(missed).toEqual([])
  })

  it('next to nothing beside 3,000 other files that change all the time', async () => {
    for (let index = 0; index < 3_000; index += 1) writeFileSync(join(folder, `${index}`), '')
    const path = join(folder, 'network.yaml')
    writeFileSync(path, 'a')
    const before = watches()
    const { tells, missed } = await watched(path, OFTEN)
    expect(watches() - before).toBe(1)
    const begun = process.cpuUsage()
    for (let round = 0; round < 50; round += 1) {
      writeFileSync(join(folder, '5'), `${round}`)
      await pause(10)
    }
    const used = processorTime(begun)
    // Chokidar reads the directory, and looks at each of its files, after each event of it.
    const reading = process.cpuUsage()
    for (let round = 0; round < 5; round += 1)
      for (const name of readdirSync(folder)) await stat(join(folder, name))
    expect(used).toBeLessThan(processorTime(reading))
    await tells(() => writeFileSync(path, 'b'))
    for (const text of ['1', '2']) await tells(() => replace(path, text))
    await tells(() => unlinkSync(path))
    await tells(() => writeFileSync(path, 'd'))
    expect(missed).toEqual([])
  })

  it('a host without inotify instances or watches left: a look each second, and no crash', async () => {
    const script = join(folder, 'watch.cjs')
    await build({
      stdin: {
        contents: `import { nodeFeeds } from './src/system/node-feeds.ts'
          const { close } = nodeFeeds().watch(process.argv[2], () => console.log('changed'))
          process.stdin.resume().on('end', close)
          setTimeout(() => console.log('ready'), 200)`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'silent',
    })
    const path = join(folder, 'network.yaml')
    for (const limit of ['instances', 'watches']) {
      writeFileSync(path, limit)
      expect(await withoutInotify(limit, script, path)).toBe('changed ready changed, exit code 0')
    }
  })
})

/** Microseconds of this process since then. */
function processorTime(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return user + system
}

/** Runs the script in a user namespace with no inotify, changes the file when it is ready, and gives what it said. */
async function withoutInotify(limit: string, script: string, path: string): Promise<string> {
  const set = `echo 0 >/proc/sys/user/max_inotify_${limit} && exec "$@"`
  const args = ['--user', '--map-root-user', 'sh', '-c', set, 'sh', process.execPath, script, path]
  const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const said: string[] = []
    child.stdout.on('data', (text: Buffer) => said.push(...text.toString().trim().split('\n')))
    await eventually(() => said.includes('ready'), 'ready')
    replace(path, 'new')
    await eventually(() => said.at(-1) === 'changed', 'a change')
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.stdin.end()
    return `${said.join(' ')}, exit code ${await ended}`
  } finally {
    child.kill('SIGKILL')
  }
}
