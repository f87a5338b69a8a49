import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { CommandEvent, LateEvent } from '../../src/system/command-event.ts'
import { nodeSystem } from '../../src/system/node.ts'
import type { NodeSystemOptions } from '../../src/system/node.ts'
import { eventually } from './eventually.ts'

const folder = mkdtempSync(join(tmpdir(), 'slash64-node-'))
const runDir = join(folder, 'run')
const places = { stateDir: join(folder, 'state'), runDir }
const bin = join(folder, 'bin')
afterAll(() => rmSync(folder, { recursive: true }))

/** A stand-in for a tool, found before the real ones. */
async function tool(name: string, body: string): Promise<void> {
  await nodeSystem({ ...places, self: 'test' }).writeFile(join(bin, name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(bin, name), 0o755)
}

function system(options: Pick<NodeSystemOptions, 'deadline' | 'path' | 'noticed'> = {}) {
  return nodeSystem({ ...places, self: 'test', path: `${bin}:/usr/bin:/bin`, ...options })
}

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('query', () => {
  it('gives stdout as it is, stdin whole, the C locale and no other environment', async () => {
    process.env['SLASH64_TEST_LEAK'] = 'yes'
    await tool('ip', 'cat; echo "$LC_ALL [$SLASH64_TEST_LEAK]"')
    expect(await system().query(['ip'], { stdin: 'in\n' })).toBe('in\nC []\n')
  })

  it('tells a missing program, and where it was looked for', async () => {
    await expect(system({ path: '/nowhere' }).query(['nft', 'list'])).rejects.toMatchObject({
      code: 'missing-tool',
      subject: 'nft list',
      detail: '/nowhere',
    })
  })

  it.each([[undefined], [true]] as const)(
    'ends a program that prints more than it may (alike: %s)',
    async (alike) => {
      await tool('ip', `[ "$1" = few ] || exec yes; echo few`)
      const asked = { most: 1_000_000, ...(alike && { alike }) }
      const [few, many] = ['few', 'many'].map(async (word) => system().query(['ip', word], asked))
      await expect(many).rejects.toMatchObject({ code: 'garbled', subject: 'ip many' })
      expect(await few).toBe('few\n')
    },
    30_000,
  )

  it('ends a program that hangs, at the deadline', async () => {
    await tool('ip', 'exec sleep 60')
    await expect(system({ deadline: 200 }).query(['ip'])).rejects.toMatchObject({ code: 'timeout' })
  })

  it('tells what hung', async () => {
    await tool('ip', 'exec sleep 60')
    await expect(system({ deadline: 200 }).query(['ip', 'x'])).rejects.toMatchObject({
      subject: 'ip x',
      detail: expect.stringMatching(/^did not end in time and was killed \(sleep, process \d+: state S/),
      evidence: [expect.stringMatching(/^sleep, process \d+: state S/)],
    })
  })

  it('ends what a hanging program started, which would hold its pipes open', async () => {
    // Who waited for the pipes to be closed would wait longer than this test may take.
    await tool('ip', 'sleep 600; echo late')
    await expect(system({ deadline: 200 }).query(['ip'])).rejects.toMatchObject({ code: 'timeout' })
  })

  it('the deadline holds for a program that ignores SIGTERM, with a child that holds its pipes', async () => {
    const pids = join(folder, 'pids')
    await tool(
      'ip',
      `trap '' TERM; (trap '' TERM; sleep 600; echo late) & echo $$ $! >${pids}; sleep 600; sleep 600`,
    )
    await expect(system({ deadline: 1_000 }).query(['ip'])).rejects.toMatchObject({ code: 'timeout' })
    const both = readFileSync(pids, 'utf8').trim().split(' ')
    await eventually(() => !both.some(isAlive), 'the end of both')
    expect(both).toHaveLength(2)
  })

  it('the deadline holds although a daemon that left the group holds the pipes', async () => {
    const pid = join(folder, 'pid')
    await tool('ip', `setsid sleep 600 & echo $! >${pid}; sleep 600`)
    try {
      await expect(system({ deadline: 1_000 }).query(['ip'], { stdin: 'in' })).rejects.toMatchObject({
        code: 'timeout',
      })
    } finally {
      process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL')
    }
  })

  it.each([
    ['a signal', 'kill -SEGV $$'],
    ['the exit code of a wrapped signal', 'exit 139'],
    ['a loader that lacks a library', 'echo "libnftables.so.1: No such file or directory" >&2; exit 127'],
  ])('a program that ends by %s has crashed', async (_case, body) => {
    await tool('nft', body)
    await expect(system().query(['nft'])).rejects.toMatchObject({ code: 'crashed' })
  })

  it.each([
    ['Error: No such file or directory', 'not-found'],
    ['Cannot open network namespace "x": No such file or directory', 'not-found'],
    ['RTNETLINK answers: File exists', 'exists'],
    ['Operation not permitted (you must be root)', 'denied'],
    ['RTNETLINK answers: Read-only file system', 'read-only'],
    ['Error: something else', 'other'],
  ])('"%s" is %s', async (words, code) => {
    await tool('ip', `echo '${words}' >&2; exit 1`)
    await expect(system().query(['ip'])).rejects.toMatchObject({ code, detail: words, exitCode: 1 })
  })

  it('reads again when iproute2 says that its dump was interrupted, and gives up when it stays so', async () => {
    const count = join(folder, 'count')
    writeFileSync(count, '')
    await tool(
      'ip',
      `echo x >>${count}; [ $(wc -l <${count}) -ge 3 ] || echo 'Dump was interrupted' >&2; echo '[]'`,
    )
    expect(await system().query(['ip'])).toBe('[]\n')
    await tool('ip', `echo 'Dump was interrupted' >&2; echo '[]'`)
    await expect(system().query(['ip'])).rejects.toMatchObject({ code: 'garbled' })
  })

  it('runs many at once without more than a few processes', async () => {
    await tool('ip', 'echo "$1"')
    const numbers = Array.from({ length: 60 }, (_, index) => `${index}`)
    const answers = await Promise.all(numbers.map(async (number) => system().query(['ip', number])))
    expect(answers).toEqual(numbers.map((number) => `${number}\n`))
  })
})

describe('what is late', () => {
  const WORK = `timeout 1 sh -c 'while :; do :; done'`
  let noticed: (LateEvent | CommandEvent)[] = []
  beforeEach(() => {
    noticed = []
  })
  const watched = () => system({ deadline: 500, noticed: (event) => noticed.push(event) })

  it('is waited for while it works, and told, read or run', async () => {
    await tool('ip', `${WORK}; echo "$1"`)
    const late = (command: string) => ({
      type: 'late',
      tool: 'ip',
      command: expect.stringContaining(command),
      seconds: expect.any(Number),
      allowed: 0.5,
    })
    expect(await watched().query(['ip', 'show'])).toBe('show\n')
    expect(noticed).toEqual([late('ip show')])
    expect(await watched().run(['ip', '-batch'], 'x\n')).toBe('-batch\n')
    expect(noticed).toEqual([late('ip show'), late('ip -batch /')])
  }, 20_000)

  it('is told once of all that one shell ran, and asked for once', async () => {
    const asked = join(folder, 'asked')
    writeFileSync(asked, '')
    await tool('ip', `echo "$1" >>${asked}; ${WORK}; echo "$1"`)
    const { query } = watched()
    const both = ['one', 'two'].map(async (word) => query(['ip', word], { alike: true }))
    expect(await Promise.all(both)).toEqual(['one\n', 'two\n'])
    expect(readFileSync(asked, 'utf8')).toBe('one\ntwo\n')
    expect(noticed).toMatchObject([{ type: 'late', tool: 'ip', command: 'ip one (and 1 more, one by one)' }])
  }, 20_000)

  it('a shell that had to be killed is told with what hung in it, and each is asked for alone', async () => {
    const first = join(folder, 'first')
    await tool('ip', `mkdir ${first} 2>/dev/null && exec sleep 60; echo "$1"`)
    const { query } = watched()
    const both = ['one', 'two'].map(async (word) => query(['ip', word], { alike: true }))
    expect(await Promise.all(both)).toEqual(['one\n', 'two\n'])
    expect(noticed).toMatchObject([
      { type: 'command', tool: 'ip', ok: false, command: expect.stringContaining('ip one') },
    ])
    expect(noticed[0]).toHaveProperty(
      'evidence',
      expect.arrayContaining([expect.stringContaining('sleep, ')]),
    )
  }, 20_000)

  it('what is in time is not', async () => {
    await tool('ip', 'echo in time')
    await system({ noticed: (event) => noticed.push(event) }).query(['ip'])
    expect(noticed).toEqual([])
  })
})

describe('the clocks', () => {
  it('monotonic counts milliseconds', async () => {
    const [begun, before] = [system().monotonic(), performance.now()]
    await system().pause(50)
    const [passed, most] = [system().monotonic() - begun, performance.now() - before]
    expect(passed).toBeGreaterThanOrEqual(49)
    expect(passed).toBeLessThanOrEqual(most + 1)
  })
})

describe('run', () => {
  it('hands a script over as a file, the last argument, and removes it', async () => {
    await tool('ip', 'echo "$1"; cat "$2"')
    expect(await system().run(['ip', '-batch'], 'link show\n')).toBe('-batch\nlink show\n')
    expect(readdirSync(runDir)).toEqual([])
  })
})
