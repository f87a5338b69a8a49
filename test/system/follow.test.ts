import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { LINE_LIMIT } from '../../src/system/lines.ts'
import { eventually, pause } from './eventually.ts'
import { followed } from './followed.ts'

const folder = mkdtempSync(join(tmpdir(), 'slash64-follow-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Gone, or a zombie that nobody has asked about yet. */
function isDead(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

/** The process ids that a program's first line tells. */
async function pidsOf(one: { readonly lines: readonly string[] }): Promise<readonly number[]> {
  await eventually(() => one.lines.length > 0, 'the first line')
  return (one.lines[0] ?? '').split(' ').map(Number)
}

describe('follow', () => {
  it('tells lines as they come, and complaints from standard error', async () => {
    const one = followed(['sh', '-c', 'echo a; echo b; echo oh >&2; exec sleep 60'])
    expect(one.lines).toEqual([])
    await eventually(() => one.lines.length === 2 && one.complaints.length === 1, 'two lines and a complaint')
    expect([one.lines, one.complaints, one.ends]).toEqual([['a', 'b'], ['oh'], []])
  })

  it('nft tells of a loss among its events: that is a complaint', async () => {
    const one = followed(['sh', '-c', 'echo "# ERROR: We lost some netlink events!"; exec sleep 60'])
    await eventually(() => one.complaints.length === 1, 'the complaint')
    expect(one.lines).toEqual([])
  })

  it('has no shell, the C locale, no other environment, the root directory and no input', async () => {
    process.env['SLASH64_TEST_LEAK'] = 'yes'
    const one = followed([
      'sh',
      '-c',
      'echo "$1 $LC_ALL [$SLASH64_TEST_LEAK] $(pwd) [$(cat)]"',
      'sh',
      '$HOME;',
    ])
    await eventually(() => one.ends.length === 1, 'the end')
    expect(one.lines).toEqual(['$HOME; C [] / []'])
  })

  it.each([
    ['exit 3', { code: 'other', detail: 'ended with exit code 3', exitCode: 3 }],
    ['exit 0', { code: 'other', detail: 'ended with exit code 0' }],
    ['echo a >&2; echo why >&2; exit 1', { code: 'other', detail: 'ended with exit code 1: why' }],
    ['printf "Operation not permitted" >&2; exit 1', { code: 'denied' }],
    ['echo w >&2; kill -SEGV $$', { code: 'crashed', detail: 'ended by SIGSEGV: w' }],
  ])('%s: the end says how', async (body, error) => {
    const one = followed(['sh', '-c', body])
    await eventually(() => one.ends.length === 1, 'the end')
    expect(one.ends[0]).toMatchObject({ name: 'SystemError', subject: `sh -c ${body}`, ...error })
    await pause(30)
    expect(one.ends).toHaveLength(1)
  })

  it('the last line is told before the end, also without its newline', async () => {
    const one = followed(['printf', 'a\\nb'])
    await eventually(() => one.ends.length === 1, 'the end')
    expect(one.lines).toEqual(['a', 'b'])
  })

  it('a missing program is told, and where it was looked for, but not before the call returns', async () => {
    const one = followed(['nft', 'monitor'], '/nowhere')
    expect(one.ends).toEqual([])
    await eventually(() => one.ends.length === 1, 'the end')
    expect(one.ends[0]).toMatchObject({ code: 'missing-tool', subject: 'nft monitor', detail: '/nowhere' })
  })

  it('a missing program that was stopped at once is not told', async () => {
    const one = followed(['nft', 'monitor'], '/nowhere')
    one.stop()
    await pause(20)
    expect(one.ends).toEqual([])
  })

  it('works without setpriv', async () => {
    symlinkSync(execFileSync('which', ['sh'], { encoding: 'utf8' }).trim(), join(folder, 'sh'))
    const one = followed(['sh', '-c', 'echo a; exit 4'], folder)
    await eventually(() => one.ends.length === 1, 'the end')
    expect([one.lines, one.ends[0]?.exitCode]).toEqual([['a'], 4])
  })

  it('its end is told although a daemon that it left behind holds its pipes', async () => {
    const one = followed(['sh', '-c', 'setsid sleep 60 & echo $!; sleep 0.1; exit 5'])
    const [daemon = 0] = await pidsOf(one)
    try {
      await eventually(() => one.ends.length === 1, 'the end')
      expect(one.ends[0]).toMatchObject({ exitCode: 5, detail: 'ended with exit code 5' })
    } finally {
      process.kill(daemon, 'SIGKILL')
    }
  })

  it('a child that it left in its group ends with it', async () => {
    const one = followed(['sh', '-c', 'sleep 60 & echo $!; exit 5'])
    const [child = 0] = await pidsOf(one)
    await eventually(() => one.ends.length === 1, 'the end')
    await eventually(() => isDead(child), 'the end of the child')
    expect(one.ends[0]?.exitCode).toBe(5)
  })

  it('keeps nothing of what it has told: 200 MB of lines, and a line of 50 MB', async () => {
    let [count, longest] = [0, 0]
    const { nodeFeeds } = await import('../../src/system/node-feeds.ts')
    const before = process.memoryUsage().rss
    const ended = new Promise<void>((resolve) => {
      nodeFeeds({ path: process.env['PATH'] }).follow(
        [
          'sh',
          '-c',
          'yes 0123456789012345678901234567890123456789 | head -c 200000000; head -c 50000000 /dev/zero',
        ],
        {
          line: (text) => {
            count += 1
            longest = Math.max(longest, text.length)
          },
          complaint: () => undefined,
          end: () => resolve(),
        },
      )
    })
    await ended
    expect(count).toBeGreaterThan(4_000_000)
    expect(longest).toBe(LINE_LIMIT)
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  })
})

describe('stop', () => {
  // Of this process alone, so that nothing is killed because it had to wait for a second on a busy machine.
  const stopTheClock = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  afterEach(() => void vi.useRealTimers())

  it('ends the program with all of its group, at once, and tells nothing any more', async () => {
    const one = followed(['sh', '-c', 'sleep 60 & echo "$$ $!"; while :; do echo line; sleep 0.01; done'])
    const pids = await pidsOf(one)
    stopTheClock()
    one.stop()
    const told = one.lines.length
    await eventually(() => pids.every(isDead), 'the end of the group')
    await pause(50)
    expect([one.lines.length, one.ends]).toEqual([told, []])
    one.stop()
  })

  it('kills what does not listen to SIGTERM after a second', async () => {
    const one = followed(['sh', '-c', 'trap "" TERM; sleep 60 & echo "$$ $!"; while :; do sleep 0.1; done'])
    const pids = await pidsOf(one)
    stopTheClock()
    one.stop()
    vi.advanceTimersByTime(999)
    await pause(100)
    expect(pids.map(isDead)).toEqual([false, false])
    vi.advanceTimersByTime(1)
    await eventually(() => pids.every(isDead), 'the end of the group')
    expect(one.ends).toEqual([])
  })

  it('kills what is left of the group when only its first program listens', async () => {
    const one = followed(['sh', '-c', '(trap "" TERM; sleep 60) & echo "$$ $!"; exec sleep 61'])
    const pids = await pidsOf(one)
    stopTheClock()
    one.stop()
    await eventually(() => pids.every(isDead), 'the end of the group')
    expect(one.ends).toEqual([])
  })
})

describe('when we are killed', () => {
  it('a program that is followed dies with us, also by kill -9', async () => {
    const [script, said] = [join(folder, 'parent.cjs'), join(folder, 'pid')]
    await build({
      stdin: {
        contents: `import { nodeFeeds } from './src/system/node-feeds.ts'
          import { writeFileSync } from 'node:fs'
          nodeFeeds({ path: process.env.PATH }).follow(['sh', '-c', 'echo $$; exec sleep 60'], {
            line: (text) => writeFileSync(${JSON.stringify(said)}, text),
            complaint: console.error,
            end: console.error,
          })`,
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
    writeFileSync(said, '')
    const parent = spawn(process.execPath, [script], { stdio: 'inherit' })
    try {
      await eventually(() => existsSync(said) && readFileSync(said, 'utf8') !== '', 'the program’s number')
      const pid = Number(readFileSync(said, 'utf8'))
      expect(isDead(pid)).toBe(false)
      parent.kill('SIGKILL')
      await eventually(() => isDead(pid), 'its end')
    } finally {
      parent.kill('SIGKILL')
    }
  })
})
