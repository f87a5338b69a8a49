import { describe, expect, it } from 'vitest'
import {
  answerText,
  parseAnswer,
  parseProcess,
  parseRequest,
  processOfState,
  requestText,
} from '../../src/app/attach-words.ts'

describe('the number of a process', () => {
  it.each(['2', '4711', '4194304'])('%s', (text) => expect(parseProcess(text)).toBe(Number(text)))

  it.each(['', '0', '1', '-1', '01', '4711 ', '4194305', '99999999', '0x10', '1e3', 'self', '../1'])(
    'not %j',
    (text) => expect(parseProcess(text)).toBeUndefined(),
  )

  it('is in the state that an OCI runtime tells its hooks', () => {
    const state = { ociVersion: '1.0.2', id: 'web', status: 'creating', pid: 4711, bundle: '/b' }
    expect(processOfState(JSON.stringify(state))).toBe(4711)
  })

  it.each(['', 'null', '[]', '{}', '{"pid":0}', '{"pid":1}', '{"pid":"4711"}', '{"pid":1.5}', '4711'])(
    'not in %s',
    (text) => expect(processOfState(text)).toBeUndefined(),
  )
})

describe('a request', () => {
  it.each([{ container: 'blog' }, { container: 'blog', process: 4711 }])(
    '%j is read as it was written',
    (one) => {
      expect(requestText(one).endsWith('}\n')).toBe(true)
      expect(parseRequest(requestText(one))).toEqual(one)
    },
  )

  it.each([
    '',
    'blog',
    '[]',
    '{}',
    '{"container":1}',
    '{"container":""}',
    '{"container":"Blog"}',
    '{"container":"../x"}',
    '{"container":"a b"}',
    `{"container":"${'a'.repeat(64)}"}`,
    '{"container":"blog","process":"4711"}',
    '{"container":"blog","process":1}',
    '{"container":"blog","process":4194305}',
    '{"container":"blog","file":"/etc/shadow"}',
  ])('%s is none', (text) => expect(parseRequest(text)).toBeUndefined())
})

describe('an answer', () => {
  it('is read as it was written', () => {
    const one = { ok: false, applied: 2, problems: [{ code: 'S64-T001', message: 'no', hint: 'yes' }] }
    expect(parseAnswer(answerText(one))).toEqual(one)
  })

  it.each(['', '{"ok":true', '{"ok":1,"applied":0,"problems":[]}', '{"ok":true,"applied":0,"problems":[1]}'])(
    '%s is not whole',
    (text) => expect(parseAnswer(text)).toBeUndefined(),
  )
})
