import { describe, expect, it } from 'vitest'
import { parseMachine } from '../../../src/formats/runtimes/machined.ts'
import { capture } from '../../support/captures.ts'

describe('machinectl show', () => {
  it('tells the leader of one that runs', () => {
    expect(parseMachine(capture('machinectl-252/one.txt'), 'web')).toEqual({ state: 'running', pid: 133 })
  })

  it('one that it does not know does not exist', () => {
    const missing = capture('machinectl-252/missing.txt')
    expect(parseMachine(missing, 'web')).toEqual({ state: 'absent', why: 'does not exist' })
  })

  it('a machine that is about to end has a leader that may be gone', () => {
    const closing = 'Name=web\nLeader=133\nState=closing\n'
    expect(parseMachine(closing, 'web')).toEqual({ state: 'absent', why: 'closing' })
    const opening = 'Name=web\nLeader=0\nState=opening\n'
    expect(parseMachine(opening, 'web')).toEqual({ state: 'absent', why: 'opening' })
  })

  it.each([
    ['of another name', 'we', capture('machinectl-252/one.txt')],
    ['of a longer name', 'webs', capture('machinectl-252/missing.txt')],
    ['that it stopped before', 'db', capture('machinectl-252/missing-middle.txt')],
    ['without a bus', 'web', capture('machinectl-252/no-bus.txt')],
    ['and nothing', 'web', ''],
  ])('says nothing of one %s', (_, name, text) => {
    expect(() => parseMachine(text, name)).toThrow(`machinectl show ${name}`)
  })

  it('says why', () => {
    const read = (): unknown => parseMachine(capture('machinectl-252/no-bus.txt'), 'web')
    expect(read).toThrow('Failed to connect to bus: No such file or directory')
  })
})
