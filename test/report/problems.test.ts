import { expect, test } from 'vitest'
import { ansi, plain } from '../../src/text/paint.ts'
import { problemsText } from '../../src/report/problems.ts'
import { HOSTILE } from './samples.ts'

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
