import { describe, expect, test } from 'vitest'
import { ansi, plain } from '../../src/text/paint.ts'
import { planMarkdown } from '../../src/report/plan-markdown.ts'
import { problemJson, problemsText } from '../../src/report/problems.ts'
import { HOSTILE, PLACED, plan, SOURCE } from './samples.ts'

const base = { code: 'S64-K001', message: 'in the way' }

test('a problem has its code, its message and an indented hint', () => {
  expect(problemsText([{ ...base, hint: 'rename it' }], plain)).toBe(
    'error[S64-K001]: in the way\n  rename it\n',
  )
})

test('the resource goes before a message that does not name it', () => {
  const resource = 'bridge br-ct'
  expect(problemsText([{ ...base, resource }], plain)).toBe('error[S64-K001]: bridge br-ct: in the way\n')
  const named = { ...base, message: 'bridge br-ct is foreign', resource }
  expect(problemsText([named], plain)).toBe('error[S64-K001]: bridge br-ct is foreign\n')
})

test('no problems are no text', () => {
  expect(problemsText([], plain)).toBe('')
})

test('only the head is coloured, and hostile text stays text', () => {
  expect(problemsText([base], ansi)).toBe('\u001b[31merror[S64-K001]\u001b[39m: in the way\n')
  const evil = problemsText([{ code: HOSTILE, message: HOSTILE, hint: HOSTILE, resource: HOSTILE }], plain)
  expect(evil).toMatch(/^[\x20-\x7e\n]*$/)
  expect(evil.split('\n')).toHaveLength(3)
})

test('a message of several lines becomes one, without the carets of nft', () => {
  const message =
    '/x.nft:3:1-5: Error: syntax error\n  add rulee ip x\r\n  ^^^^~~~ ^\n\n/x.nft:4:1-2: Error: more\n'
  expect(problemsText([{ ...base, message }], plain)).toBe(
    'error[S64-K001]: /x.nft:3:1-5: Error: syntax error; add rulee ip x; /x.nft:4:1-2: Error: more\n',
  )
  expect(problemsText([{ ...base, message: '^' }], plain)).toBe('error[S64-K001]: ^\n')
})

describe('a problem that has a place in the file', () => {
  const resource = 'reverse-proxy haproxy'

  test('is shown as faults of the file are, after all others; its place is its subject', () => {
    const text = problemsText([{ ...PLACED, resource, message: 'a\n  ^^\nb' }, base], plain, SOURCE)
    expect(text).toBe('error[S64-K001]: in the way\nat routes.0: S64-H017 a; b\n')
  })

  test('is shown as all others where no file was read', () => {
    expect(problemsText([PLACED], plain)).toBe('error[S64-H017]: port 80 is taken\n  stop it\n')
  })

  test('has file, line and column as data; the path is ours alone', () => {
    const { path: _, ...told } = PLACED
    expect(problemJson(PLACED, SOURCE)).toStrictEqual({ ...told, file: 'network.yaml', line: 3, column: 5 })
    expect(problemJson(PLACED)).toStrictEqual(told)
    expect(problemJson({ ...base, resource }, SOURCE)).toStrictEqual({ ...base, resource })
  })

  test('names its place in Markdown', () => {
    const text = planMarkdown(plan({ problems: [PLACED] }), 'network.yaml', { source: SOURCE })
    expect(text).toContain('- <code>network.yaml:3:5</code> **S64-H017**: port 80 is taken (stop it)\n')
    expect(text).not.toContain('undefined')
    expect(planMarkdown(plan({ problems: [PLACED] }), 'network.yaml')).toContain('- **S64-H017**: port 80')
  })
})
