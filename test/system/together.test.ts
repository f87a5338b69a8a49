import { describe, expect, it } from 'vitest'
import type { Argv } from '../../src/engine/types.ts'
import { execute, type Output } from '../../src/system/execute.ts'
import { nodeSystem } from '../../src/system/node.ts'
import { together, type Alike } from '../../src/system/together.ts'

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

function shells(): {
  readonly ask: (command: Alike) => Promise<Output | undefined>
  readonly started: Argv[]
} {
  const started: Argv[] = []
  const ask = together(async (argv, { deadline }) => {
    started.push(argv)
    return execute(argv, { path: PATH, deadline }).catch(() => undefined)
  }, 4)
  return { ask, started }
}

function command(...argv: Argv): Alike {
  return { argv, told: argv, input: '', deadline: 3_000 }
}

describe('commands that come at once', () => {
  it('are run by a few shells, each answered by its own words', async () => {
    const { ask, started } = shells()
    const all = Array.from({ length: 40 }, (_, index) => index)
    const said = await Promise.all(all.map(async (index) => ask(command('echo', `a ${index}`))))
    expect(said.map((one) => one?.stdout)).toEqual(all.map((index) => `a ${index}\n`))
    expect(started.length).toBeLessThanOrEqual(4)
  })

  it('keep what they print and what they complain of apart, with their exit code', async () => {
    const { ask } = shells()
    const script = 'echo out; echo "two words" >&2; exit 3'
    const [first, second] = await Promise.all([ask(command('sh', '-c', script)), ask(command('true'))])
    expect(first).toEqual({ stdout: 'out\n', exitCode: 3, stderr: 'two words' })
    expect(second).toEqual({ stdout: '', exitCode: 0, stderr: '' })
  })

  it.each(["it's", '$(touch x)', '`id`', '"', '\\', '*', 'a\nb', '; exit 9', ''])(
    'word %j is that word and nothing else, as argument and as input',
    async (word) => {
      const { ask } = shells()
      const read = { ...command('cat'), input: `${word}\n` }
      const [told, heard] = await Promise.all([ask(command('printf', '[%s]', word)), ask(read)])
      expect(told).toMatchObject({ stdout: `[${word}]`, exitCode: 0 })
      expect(heard).toMatchObject({ stdout: `${word}\n`, exitCode: 0 })
    },
  )

  it('print as much as they like', async () => {
    const { ask } = shells()
    const long = command('sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x')
    const [first, second] = await Promise.all([ask(long), ask(command('echo', 'short'))])
    expect(first?.stdout).toHaveLength(3_000_000)
    expect(second?.stdout).toBe('short\n')
  })

  it('one that hangs is answered to nobody in time, nor are those behind it; those in other shells are', async () => {
    const { ask } = shells()
    // Who waited for it to end would wait longer than this test may take.
    const hanging = { ...command('sleep', '600'), deadline: 2_000 }
    const others = Array.from({ length: 7 }, () => ({ ...command('echo', 'here'), deadline: 2_000 }))
    const said = await Promise.all([hanging, ...others].map(ask))
    expect(said[0]).toBeUndefined()
    // Two for each of four shells.
    expect(said.filter((one) => one?.stdout === 'here\n')).toHaveLength(6)
  })

  it('one alone is nobody to share a shell with', async () => {
    const { ask, started } = shells()
    expect(await ask(command('echo', 'me'))).toBeUndefined()
    expect(started).toEqual([])
  })
})

describe('what many ask alike', () => {
  const system = nodeSystem({ stateDir: '/tmp/none', runDir: '/tmp/none', self: 'test', path: PATH })
  const ask = async (...argv: Argv): Promise<unknown> =>
    system.query(argv, { alike: true }).catch((error: unknown) => error)

  it('fails each for itself, in the words of its own program', async () => {
    const [good, bad, missing, killed] = await Promise.all([
      ask('echo', 'fine'),
      ask('ls', '/nowhere-at-all'),
      ask('no-such-program-at-all'),
      ask('sh', '-c', 'kill -SEGV $$'),
    ])
    expect(good).toBe('fine\n')
    expect(bad).toMatchObject({ code: 'not-found', subject: 'ls /nowhere-at-all', exitCode: 2 })
    expect(missing).toMatchObject({ code: 'missing-tool', subject: 'no-such-program-at-all' })
    expect(killed).toMatchObject({ code: 'crashed' })
  })

  it('exit codes that are answers are answered with what was said', async () => {
    const options = { alike: true, answers: [1] } as const
    const argv: Argv = ['sh', '-c', 'echo out; echo none such >&2; exit 1']
    const said = await Promise.all([system.query(argv, options), system.query(argv, options)])
    expect(said[0]).toMatch(/^out\n+none such\n?$/)
    expect(said[1]).toBe(said[0])
  })
})
