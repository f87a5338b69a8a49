import { describe, expect, it } from 'vitest'
import { parseProcess, processOfState } from '../../src/app/attach-words.ts'

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
