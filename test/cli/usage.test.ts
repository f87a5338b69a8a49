import { describe, expect, test } from 'vitest'
import { COMMAND_NAMES } from '../../src/cli/options.ts'
import { slash64 } from './support.ts'

describe('help', () => {
  test('without a command, help goes to stderr and the code is 64', async () => {
    const { code, out, err, calls } = await slash64([])
    expect({ code, out, calls }).toEqual({ code: 64, out: '', calls: [] })
    expect(err).toContain('Usage: slash64 COMMAND [OPTIONS]')
  })

  test.each([[['--help']], [['-h']], [['help']], [['-q', '--help']]])(
    '%j prints the help of the program',
    async (argv) => {
      const { code, out, err } = await slash64(argv)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      for (const name of COMMAND_NAMES) expect(out).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'))
      for (const number of [0, 1, 2, 3, 4, 64, 78])
        expect(out).toMatch(new RegExp(`^ {2}${number} +\\S`, 'm'))
    },
  )

  test.each(COMMAND_NAMES)('%s has help of its own, by option and by command', async (name) => {
    const byOption = await slash64([name, '--help'])
    expect(byOption).toMatchObject({ code: 0, err: '', calls: [] })
    expect(byOption.out).toContain(`Usage: slash64 ${name} ${name === 'attach' ? 'NAME ' : ''}[OPTIONS]`)
    for (const option of [
      '--file',
      '--output',
      '--detailed-exitcode',
      '--state-dir',
      '--run-dir',
      '--color',
    ]) {
      expect(byOption.out).toContain(option)
    }
    expect(await slash64(['help', name])).toEqual(byOption)
    for (const line of byOption.out.split('\n')) expect(line.length).toBeLessThanOrEqual(110)
  })

  test('the options of one command are in its help only', async () => {
    expect((await slash64(['reconcile', '--help'])).out).toMatch(
      /--once[^]*--metrics-textfile[^]*--interval[^]*--listen/,
    )
    expect((await slash64(['teardown', '--help'])).out).toContain('--yes')
    expect((await slash64(['plan', '--help'])).out).not.toMatch(/--once|--yes/)
  })

  test.each(['validate', 'plan', 'reconcile', 'status', 'render', 'teardown'])(
    '%s offers every format',
    async (command) => {
      expect((await slash64([command, '--help'])).out).toContain('text or json or markdown')
    },
  )

  test.each(['validate', 'status', 'render'])('%s -o markdown is one fenced block', async (command) => {
    const { code, out } = await slash64([command, '-o', 'markdown'])
    expect(code).toBe(0)
    expect(out).toMatch(/^```(text|yaml)\n[^]+\n```\n$/)
  })

  test('a wrong file is told in Markdown too', async () => {
    const { code, out } = await slash64(['validate', '-o', 'markdown', '-f', 'bad.yaml'], {
      files: { 'bad.yaml': 'BAD' },
    })
    expect(code).toBe(78)
    expect(out).toContain('```text\n')
    expect(out).toContain('S64-C002')
  })
})

test.each([[['--version']], [['plan', '--version']]])('%j prints just the version', async (argv) => {
  expect(await slash64(argv)).toMatchObject({ code: 0, out: '1.2.3\n', err: '', calls: [] })
})

describe('wrong usage', () => {
  test.each([
    [['paln'], 'unknown command "paln"; did you mean plan?', 'slash64 --help'],
    [['tear'], 'unknown command "tear"; did you mean teardown?', 'slash64 --help'],
    [['frobnicate'], 'unknown command "frobnicate"', 'slash64 --help'],
    [['help', 'paln'], 'unknown command "paln"; did you mean plan?', 'slash64 --help'],
    [['-q'], 'no command given', 'slash64 --help'],
    [['plan', '--fiel', 'x'], 'unknown option --fiel; did you mean --file?', 'slash64 plan --help'],
    [['plan', '--detailed-exit-code'], 'did you mean --detailed-exitcode?', 'slash64 plan --help'],
    [['plan', '--zzzzzzzz'], 'unknown option --zzzzzzzz', 'slash64 plan --help'],
    [['plan', '-x'], 'unknown option -x', 'slash64 plan --help'],
    [['plan', '--once'], '--once is an option of reconcile only', 'slash64 plan --help'],
    [['reconcile', '--yes'], '--yes is an option of teardown only', 'slash64 reconcile --help'],
    [['plan', 'extra'], 'unexpected argument "extra"', 'slash64 plan --help'],
    [['plan', '--file'], '--file needs a value: FILE', 'slash64 plan --help'],
    [['plan', '--file='], '--file needs a value: FILE', 'slash64 plan --help'],
    [['plan', '--file', '--quiet'], '--file needs a value: FILE', 'slash64 plan --help'],
    [['plan', '--quiet=yes'], '--quiet takes no value', 'slash64 plan --help'],
    [['plan', '-o', 'xml'], '--output of plan must be text, json or markdown', 'slash64 plan --help'],
    [['status', '-o', 'yaml'], '--output of status must be text, json or markdown', 'slash64 status --help'],
    [['plan', '--color', 'blue'], '--color must be auto, always or never', 'slash64 plan --help'],
    [['reconcile', '--interval', '30'], '--interval must be a time', 'slash64 reconcile --help'],
    [['reconcile', '--interval', '0s'], '--interval must be a time', 'slash64 reconcile --help'],
    [['reconcile', '--listen', '9464'], '--listen must be an address', 'slash64 reconcile --help'],
    [['reconcile', '--listen', '[::1]:70000'], '--listen must be an address', 'slash64 reconcile --help'],
  ])('%j is answered with 64', async (argv, message, pointer) => {
    const { code, out, err, calls } = await slash64(argv)
    expect({ code, out, calls }).toEqual({ code: 64, out: '', calls: [] })
    expect(err).toContain(message)
    expect(err).toContain(`See: ${pointer}\n`)
    expect(err.split('\n')).toHaveLength(3)
  })

  test('suggests nothing where nothing is near', async () => {
    expect((await slash64(['frobnicate'])).err).not.toContain('did you mean')
    expect((await slash64(['x'.repeat(100_000)])).code).toBe(64)
  })

  test('repeats hostile words as text', async () => {
    for (const argv of [['a\u001b[2J\u202e'], ['plan', '--\u001b[2J'], ['plan', '\u009b']]) {
      expect((await slash64(argv)).err).toMatch(/^[\x20-\x7e\n]*$/)
    }
  })

  test.each([
    [['-o', 'json'], '--output is for --once; the controller writes a log: see --log-format'],
    [['-f', '-'], 'the controller watches a file: name it with --file, or use --once'],
    [['--detailed-exitcode'], '--detailed-exitcode is for --once'],
    [['--metrics-textfile', 'x.prom'], '--metrics-textfile is for --once; the controller has --listen'],
  ])('the controller does not take %j', async (words, message) => {
    const { code, err, calls } = await slash64(['reconcile', ...words])
    expect(code).toBe(64)
    expect(err).toBe(`slash64: ${message}\nSee: slash64 reconcile --help\n`)
    expect(calls).toEqual([])
  })
})

test('options may stand before the command, and the last one counts', async () => {
  const { calls } = await slash64([
    '-f',
    'a.yaml',
    '--state-dir',
    '/s',
    '--run-dir=/r',
    'plan',
    '--file',
    'network.yaml',
  ])
  expect(calls).toEqual(['app /s /r', 'readFile network.yaml', 'plan eth0'])
})

test('relative places are laid below the working directory, the file stays as typed', async () => {
  const places = ['--state-dir', 'state', '--run-dir', '../run', '--metrics-textfile', 'm/x.prom']
  const { calls } = await slash64(['reconcile', '--once', ...places])
  expect(calls).toEqual([
    'app /home/here/state /home/run',
    'readFile network.yaml',
    'reconcile eth0',
    'readFile /home/here/m/x.prom',
    'writeFile /home/here/m/x.prom',
  ])
})

test('directories have the promised defaults', async () => {
  expect((await slash64(['plan'])).calls[0]).toBe('app /var/lib/slash64 /run/slash64')
})

test.each([
  [{ PATH: '/opt/bin' }, '/opt/bin'],
  [{ PATH: '' }, undefined],
  [{}, undefined],
])('with %j, programs are looked up in %j', async (environment, path) => {
  const seen: unknown[] = []
  await slash64(['plan'], { environment, onOptions: (options) => seen.push(options) })
  expect(seen).toEqual([
    {
      stateDir: '/var/lib/slash64',
      runDir: '/run/slash64',
      lockTimeout: 0,
      self: 'slash64 plan, process 4711',
      path,
    },
  ])
})
