import { describe, expect, it } from 'vitest'
import { answerText } from '../../src/app/control-words.ts'
import { SystemError } from '../../src/system/errors.ts'
import { slash64 } from './support.ts'

const PROBLEM = { code: 'S64-T003', message: 'container blog does not have all of its network', hint: 'see' }
const FINE = { ok: true, applied: 0, problems: [] }
const FAILED = { ok: false, applied: 1, problems: [PROBLEM] }
const BUSY = new SystemError({
  code: 'busy',
  subject: 'lock slash64',
  detail: 'slash64 reconcile, process 7',
})

/** What was asked of the host, without what was only opened and read. */
function asked(calls: readonly string[]): readonly string[] {
  return calls.filter((call) => /^(attach|ask) /.test(call))
}

describe('slash64 attach', () => {
  it('does it itself where no controller listens', async () => {
    const { code, out, err, calls } = await slash64(['attach', 'blog', '--pid', '4711'])
    expect({ code, out, err }).toEqual({ code: 0, out: 'container blog has its network\n', err: '' })
    expect(asked(calls)).toEqual([
      'ask control.sock {"do":"attach","container":"blog","process":4711}',
      'attach blog 4711',
    ])
  })

  it('asks the controller, and then needs no file', async () => {
    const controller = answerText(FINE)
    const { code, calls } = await slash64(['attach', 'blog', '-q', '-f', 'none.yaml'], { controller })
    expect(code).toBe(0)
    expect(asked(calls)).toEqual(['ask control.sock {"do":"attach","container":"blog"}'])
  })

  it.each([
    ['a pass of its own', { attach: FAILED }],
    ['a controller', { controller: answerText(FAILED) }],
  ])('fails in the words of %s', async (_, stage) => {
    const { code, out, err } = await slash64(['attach', 'blog'], stage)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('S64-T003')
    expect(err).toContain(PROBLEM.message)
  })

  it('says it as JSON', async () => {
    const { code, out } = await slash64(['attach', 'blog', '-o', 'json'], { attach: FAILED })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({ formatVersion: '1.0', ...FAILED })
  })

  it('tells of changes with --detailed-exitcode only', async () => {
    expect((await slash64(['attach', 'blog', '--detailed-exitcode'])).code).toBe(2)
  })

  it('waits for who holds the lock, and asks again, but not for ever', async () => {
    const { code, err, calls } = await slash64(['attach', 'blog'], { fails: { attach: BUSY } })
    expect(code).toBe(4)
    expect(err).toContain('process 7')
    expect(asked(calls).length).toBeGreaterThan(10)
  })

  it('says so where the controller does not answer, and does not do its work', async () => {
    const timeout = new SystemError({ code: 'timeout', subject: 'control.sock', detail: 'no whole answer' })
    const { code, err, calls } = await slash64(['attach', 'blog'], { fails: { ask: timeout } })
    expect(code).toBe(1)
    expect(err).toContain('S64-T006')
    expect(err).toContain('the controller did not answer within 15 s')
    expect(calls.filter((call) => call.startsWith('attach '))).toEqual([])
  })

  it('takes the state of an OCI hook', async () => {
    const { code, calls } = await slash64(['attach', 'web', '--pid', '-'], { stdin: '{"pid":4711}' })
    expect(code).toBe(0)
    expect(asked(calls).at(-1)).toBe('attach web 4711')
  })

  it.each([
    [['attach'], '', 'attach needs a NAME'],
    [['attach', 'a', 'b'], '', 'unexpected argument "b"'],
    [['attach', 'a', '--pid', '0'], '', '--pid must be the number of a process'],
    [['attach', 'a', '--pid', '-'], 'nonsense', 'standard input is not the state'],
    [['plan', '--pid', '7'], '', '--pid is an option of attach only'],
  ])('%j is wrong usage', async (argv, stdin, words) => {
    const { code, out, err } = await slash64(argv, { stdin })
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toContain(words)
  })

  it('without a controller, a file that is wrong is told like everywhere', async () => {
    expect((await slash64(['attach', 'blog'], { files: { 'network.yaml': 'BAD' } })).code).toBe(78)
  })
})
