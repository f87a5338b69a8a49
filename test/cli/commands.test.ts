import { describe, expect, test } from 'vitest'
import { SystemError } from '../../src/system/errors.ts'
import { change, pass, plan } from '../report/samples.ts'
import { slash64 } from './support.ts'

const changes = [change()]

describe('validate', () => {
  test('says what is in the file', async () => {
    const { out, err } = await slash64(['validate'])
    expect({ out, err }).toEqual({
      out: 'network.yaml: valid (1 container, 1 network, 1 forward)\n',
      err: '',
    })
  })

  test('reads standard input', async () => {
    expect((await slash64(['validate', '-f', '-'], { stdin: 'fine' })).out).toMatch(/^<stdin>: valid /)
    const bad = await slash64(['validate', '-f', '-'], { stdin: 'BAD' })
    expect(bad).toMatchObject({ code: 78, calls: [] })
    expect(bad.err).toMatch(/^<stdin>:14:7: /)
  })

  test('-o json prints one document, right or wrong', async () => {
    const right = await slash64(['validate', '-o', 'json'])
    expect(JSON.parse(right.out)).toStrictEqual({ valid: true, errors: [] })
    const wrong = await slash64(['validate', '-o', 'json'], { files: { 'network.yaml': 'BAD' } })
    expect(wrong).toMatchObject({ code: 78, err: '' })
    expect(JSON.parse(wrong.out)).toStrictEqual({
      valid: false,
      errors: [
        { code: 'S64-C002', message: 'unknown key "prefx"', file: 'network.yaml', line: 14, column: 7 },
      ],
    })
  })

  test('is silent with --quiet, but for errors', async () => {
    expect(await slash64(['validate', '-q'])).toMatchObject({ code: 0, out: '', err: '' })
    expect((await slash64(['validate', '-q'], { files: { 'network.yaml': 'BAD' } })).err).toContain(
      'S64-C002',
    )
  })
})

describe('a file that cannot be read', () => {
  test('is 78, with the way out', async () => {
    const { code, out, err } = await slash64(['plan', '-f', 'nowhere.yaml'])
    expect({ code, out }).toEqual({ code: 78, out: '' })
    expect(err).toMatch(/^error\[S64-I001\]: nowhere\.yaml: no such file\n {2}.*--file FILE/)
  })

  test.each([
    ['denied', 'permission denied'],
    ['other', 'cannot be read: EISDIR'],
  ] as const)('says why: %s', async (code, why) => {
    const error = new SystemError({ code, subject: 'network.yaml', detail: 'EISDIR' })
    const result = await slash64(['validate'], { fails: { readFile: error } })
    expect(result.code).toBe(78)
    expect(result.err).toContain(`network.yaml: ${why}\n`)
  })

  test('is one document with -o json', async () => {
    const { code, out, err } = await slash64(['plan', '-o', 'json', '-f', 'nowhere.yaml'])
    expect({ code, err }).toEqual({ code: 78, err: '' })
    expect(JSON.parse(out)).toStrictEqual({
      formatVersion: '1.0',
      known: false,
      hasChanges: false,
      summary: { create: 0, update: 0, delete: 0, heldBack: 0, inSync: 0, foreign: 0 },
      changes: [],
      heldBack: [],
      dns: [],
      errors: [{ code: 'S64-I001', message: 'no such file', file: 'nowhere.yaml', line: 1, column: 1 }],
    })
  })

  test('has its name shown as text', async () => {
    expect((await slash64(['plan', '-f', 'a\u001b[2J\u202e'])).err).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

describe('plan', () => {
  const stage = {
    plan: pass({ plan: plan({ changes, problems: [{ code: 'S64-K001', message: 'in the way' }] }) }),
  }

  test('never calls what could change the host', async () => {
    for (const output of ['text', 'json', 'markdown']) {
      const { calls } = await slash64(['plan', '-o', output], stage)
      expect(calls.slice(1)).toEqual(['readFile network.yaml', 'plan eth0'])
    }
  })

  test('prints data on stdout and errors on stderr', async () => {
    const { out, err } = await slash64(['plan'], stage)
    expect(out).toContain('Plan: 1 to create, 0 to update, 0 to delete. 1 error in the way.\n')
    expect(err).toBe('error[S64-K001]: in the way\n')
  })

  test('puts everything into one document with -o json', async () => {
    const { out, err } = await slash64(['plan', '-o', 'json', '-q'], stage)
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({
      hasChanges: true,
      errors: [{ code: 'S64-K001', message: 'in the way' }],
    })
  })

  test('prints a comment with -o markdown', async () => {
    expect((await slash64(['plan', '-o', 'markdown'], stage)).out).toContain('<!-- slash64:plan -->')
  })

  test('prints errors only with --quiet', async () => {
    expect(await slash64(['plan', '--quiet'], stage)).toMatchObject({
      out: '',
      err: 'error[S64-K001]: in the way\n',
    })
  })

  test('takes the width of the terminal, and of nothing else', async () => {
    const wide = { plan: pass({ plan: plan({ changes: [change({ reason: 'z'.repeat(200) })] }) }) }
    expect((await slash64(['plan'], { ...wide, terminal: true, columns: 100 })).out).toContain('zz...')
    expect((await slash64(['plan'], { ...wide, columns: 100 })).out).toContain('z'.repeat(200))
  })
})

describe('colour', () => {
  const stage = { plan: pass({ plan: plan({ changes }) }), terminal: true }
  const escape = '\u001b['

  test.each([
    ['a terminal', [], {}, true, true],
    ['a pipe', [], {}, false, false],
    ['--color never', ['--color', 'never'], {}, true, false],
    ['--color always', ['--color', 'always'], { NO_COLOR: '1' }, false, true],
    ['NO_COLOR', [], { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR', [], { NO_COLOR: '' }, true, true],
    ['FORCE_COLOR', [], { FORCE_COLOR: '1' }, false, true],
    ['FORCE_COLOR=0', [], { FORCE_COLOR: '0' }, true, false],
    ['TERM=dumb', [], { TERM: 'dumb' }, true, false],
  ])('%s', async (_, options, environment, terminal, coloured) => {
    const { out } = await slash64(['plan', ...options], { ...stage, environment, terminal })
    expect(out.includes(escape)).toBe(coloured)
  })

  test('is never in documents', async () => {
    for (const output of ['json', 'markdown']) {
      expect((await slash64(['plan', '-o', output, '--color', 'always'], stage)).out).not.toContain(escape)
    }
  })
})

describe('status', () => {
  test('prints the state as the first word', async () => {
    expect((await slash64(['status'])).out).toMatch(/^converged /)
    expect((await slash64(['status'])).calls.slice(1)).toEqual(['readFile network.yaml', 'plan eth0'])
  })

  test('prints errors once, where they can be seen', async () => {
    const stage = { plan: pass({ plan: plan({ problems: [{ code: 'S64-K001', message: 'in the way' }] }) }) }
    expect(await slash64(['status'], stage)).toMatchObject({
      err: '',
      out: expect.stringContaining('S64-K001'),
    })
    expect(await slash64(['status', '-q'], stage)).toMatchObject({
      out: '',
      err: 'error[S64-K001]: in the way\n',
    })
    const json = await slash64(['status', '-o', 'json'], stage)
    expect(json.err).toBe('')
    expect(JSON.parse(json.out)).toMatchObject({ state: 'degraded', errors: [{ code: 'S64-K001' }] })
  })
})

describe('render', () => {
  test('needs no host, and stays with --quiet', async () => {
    const { out, calls } = await slash64(['render', '-q'])
    expect(out).toContain('containers:\n  blog:\n')
    expect(calls.slice(1)).toEqual(['readFile network.yaml'])
  })

  test('prints JSON', async () => {
    expect(JSON.parse((await slash64(['render', '-o', 'json'])).out)).toHaveProperty('containers.blog.ipv6')
  })
})

describe('a wrong file with -o json', () => {
  const files = { 'network.yaml': 'BAD' }

  test.each(['plan', 'render', 'status', 'reconcile'])('%s prints one document', async (name) => {
    const argv = name === 'reconcile' ? [name, '--once'] : [name]
    const { code, out, err } = await slash64([...argv, '-o', 'json'], { files })
    expect({ code, err }).toEqual({ code: 78, err: '' })
    expect(JSON.parse(out)).toMatchObject({ known: false, errors: [{ code: 'S64-C002', line: 14 }] })
  })

  test('status has its state and its containers, also when the host refuses', async () => {
    const denied = new SystemError({ code: 'denied', subject: '/run/slash64', detail: 'EACCES' })
    for (const stage of [{ files }, { fails: { plan: denied } }]) {
      const { out } = await slash64(['status', '-o', 'json'], stage)
      expect(JSON.parse(out)).toMatchObject({ state: 'unknown', containers: [] })
    }
    expect(JSON.parse((await slash64(['plan', '-o', 'json'], { files })).out)).not.toHaveProperty('state')
  })
})
