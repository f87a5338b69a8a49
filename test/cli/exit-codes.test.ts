import type { PassReport } from '../../src/engine/types.ts'
import { describe, expect, test } from 'vitest'
import { SystemError } from '../../src/system/errors.ts'
import { change, DELETE, pass, plan } from '../report/samples.ts'
import { slash64, type Stage } from './support.ts'

const problem = { code: 'S64-H007', message: 'm' }
const undone = { code: 'S64-A003', message: 'm' }
const changes = [change()]
const planned = (parts: Parameters<typeof plan>[0]): PassReport => pass({ plan: plan(parts) })
const done = (parts: Partial<PassReport>): PassReport =>
  pass({ plan: plan({ changes }), applied: changes, remaining: plan(), ...parts })

/** The code without and with --detailed-exitcode. */
async function codes(argv: readonly string[], stage: Stage): Promise<readonly [number, number]> {
  return [(await slash64(argv, stage)).code, (await slash64([...argv, '--detailed-exitcode'], stage)).code]
}

describe('plan', () => {
  test.each([
    ['nothing', {}, [0, 0]],
    ['changes', { changes }, [0, 2]],
    ['held back', { heldBack: [DELETE] }, [0, 0]],
    ['changes and held back', { changes, heldBack: [DELETE] }, [0, 2]],
    ['a problem', { problems: [problem] }, [1, 1]],
    ['a problem and changes', { changes, problems: [problem] }, [1, 1]],
    ['unknown', { known: false }, [1, 1]],
  ] as const)('%s', async (_, parts, expected) => {
    for (const output of ['text', 'json', 'markdown']) {
      expect(await codes(['plan', '-o', output], { plan: planned(parts) })).toEqual(expected)
    }
  })
})

describe('status', () => {
  test.each([
    ['converged', {}, [0, 0]],
    ['drifted', { changes }, [0, 2]],
    ['drifted, held back', { heldBack: [DELETE] }, [0, 2]],
    ['degraded', { problems: [problem], changes }, [1, 1]],
    ['unknown', { known: false }, [1, 1]],
  ] as const)('%s', async (_, parts, expected) => {
    expect(await codes(['status'], { plan: planned(parts) })).toEqual(expected)
    expect(await codes(['status', '-o', 'json'], { plan: planned(parts) })).toEqual(expected)
  })
})

const PASSES = [
  ['nothing to do', pass(), [0, 0]],
  ['applied', done({}), [0, 2]],
  ['one failed', done({ failed: [problem], remaining: plan({ changes }) }), [1, 1]],
  ['rolled back', done({ failed: [undone], remaining: plan({ changes }) }), [3, 3]],
  ['rolled back, and one failed', done({ failed: [undone, problem], remaining: plan({ changes }) }), [1, 1]],
  [
    'rolled back on a host with a problem',
    { ...done({ failed: [undone] }), plan: plan({ changes, problems: [problem] }) },
    [1, 1],
  ],
  ['still different after apply', done({ remaining: plan({ changes }) }), [1, 1]],
  ['unknown after apply', done({ remaining: plan({ known: false }) }), [1, 1]],
  ['a conflict', pass({ plan: plan({ problems: [problem] }) }), [1, 1]],
  ['unknown', pass({ plan: plan({ known: false }) }), [1, 1]],
  ['held back', pass({ plan: plan({ heldBack: [DELETE] }) }), [4, 4]],
  ['applied, some held back', done({ remaining: plan({ heldBack: [DELETE] }) }), [4, 4]],
  ['failed, some held back', done({ failed: [problem], remaining: plan({ heldBack: [DELETE] }) }), [1, 1]],
  ['lock held', pass({ plan: plan({ known: false }), lockedBy: 'slash64 reconcile, process 7' }), [4, 4]],
] as const

describe.each([
  ['reconcile', ['reconcile', '--once']],
  ['teardown', ['teardown', '--yes']],
])('%s', (_command, argv) => {
  test.each(PASSES)('%s', async (_, report, expected) => {
    for (const output of ['text', 'json', 'markdown']) {
      const stage = { reconcile: report, teardown: report }
      expect(await codes([...argv, '-o', output], stage)).toEqual(expected)
    }
  })
})

describe('a wrong file is 78, before anything else', () => {
  test.each(['validate', 'plan', 'status', 'render', 'reconcile'])('%s', async (name) => {
    const argv = name === 'reconcile' ? [name, '--once'] : [name]
    const stage = { plan: planned({ problems: [problem] }), files: { 'network.yaml': 'BAD' } }
    const { code, out, err, calls } = await slash64(argv, stage)
    expect({ code, out }).toEqual({ code: 78, out: '' })
    expect(err).toBe('network.yaml:14:7: error[S64-C002]: unknown key "prefx"\n')
    expect(calls.filter((call) => !/^(app|readFile) /.test(call))).toEqual([])
  })

  test('a right one is 0', async () => {
    expect(await codes(['validate'], {})).toEqual([0, 0])
    expect(await codes(['render'], {})).toEqual([0, 0])
  })
})

function refusal(code: 'denied' | 'busy'): SystemError {
  return new SystemError({ code, subject: '/run/slash64', detail: 'EACCES' })
}

describe('what the host refuses', () => {
  test('is told in one line with its code, and is 1', async () => {
    const { code, err } = await slash64(['plan'], { fails: { plan: refusal('denied') } })
    expect(code).toBe(1)
    expect(err).toMatch(/^error\[S64-[A-Z0-9]+\]: .*\/run\/slash64: EACCES\n/)
    expect(err).not.toMatch(/^\s+at /m)
  })

  test('is 4 when the lock was busy', async () => {
    expect((await slash64(['reconcile', '--once'], { fails: { reconcile: refusal('busy') } })).code).toBe(4)
  })

  test('is one document with -o json', async () => {
    const { code, out, err } = await slash64(['plan', '-o', 'json'], { fails: { plan: refusal('denied') } })
    expect({ code, err }).toEqual({ code: 1, err: '' })
    const document: unknown = JSON.parse(out)
    expect(document).toMatchObject({ formatVersion: '1.0', hasChanges: false, changes: [] })
    expect(document).toHaveProperty('errors.0.code')
  })
})

describe('a defect', () => {
  const defect = new TypeError('x is not\n a function')

  test('is one line and a hint, without a stack', async () => {
    const { code, out, err } = await slash64(['plan'], { fails: { plan: defect } })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^slash64: internal error: x is not\\n a function\n.*SLASH64_DEBUG=1.*\n$/)
  })

  test('shows its stack to those who ask', async () => {
    const { code, err } = await slash64(['plan'], {
      fails: { plan: defect },
      environment: { SLASH64_DEBUG: '1' },
    })
    expect(code).toBe(1)
    expect(err).toMatch(/TypeError: x is not[^]*\n\s+at /)
  })

  test('need not be an Error', async () => {
    const { code, err } = await slash64(['plan'], { fails: { plan: 'text' } })
    expect(code).toBe(1)
    expect(err).toMatch(/^slash64: internal error: text\n/)
  })
})
