import { describe, expect, it } from 'vitest'
import { parseLxcInfo, readLxcEvent } from '../../../src/formats/runtimes/lxc.ts'
import { capture } from '../../support/captures.ts'

describe('lxc-info', () => {
  it.each([
    ['running', { state: 'running', pid: 31141 }],
    // A frozen container keeps its network.
    ['frozen', { state: 'running', pid: 31141 }],
    ['stopped', { state: 'absent', why: 'stopped' }],
    ['missing', { state: 'absent', why: 'does not exist' }],
  ])('says that blog is %s', (name, found) => {
    expect(parseLxcInfo(capture(`lxc-5.0.2/${name}.txt`), 'blog')).toEqual(found)
  })

  it.each(['STARTING', 'STOPPING', 'ABORTING'])('%s is not running yet, or not any more', (word) => {
    const why = word.toLowerCase()
    expect(parseLxcInfo(`State:          ${word}\n`, 'blog')).toEqual({ state: 'absent', why })
    expect(parseLxcInfo(`State:          ${word}\nPID:            77\n`, 'blog')).toEqual({
      state: 'absent',
      why,
    })
  })

  it('one that ended between the questions for state and process does not run', () => {
    expect(parseLxcInfo('State:          RUNNING\n', 'blog')).toEqual({ state: 'absent', why: 'running' })
  })

  it('a container of a longer or shorter name is another', () => {
    const missing = capture('lxc-5.0.2/missing.txt')
    for (const name of ['blo', 'blog-old', 'og'])
      expect(() => parseLxcInfo(missing, name)).toThrow('not what it prints')
  })

  it.each([
    ['nothing', ''],
    ['no label', 'RUNNING\n31141\n'],
    ['a state that is not known', 'State:          DREAMING\nPID:            5\n'],
    ['refusal', '\nInsufficent privileges to control blog\n'],
    ['a process alone', 'PID:            5\n'],
  ])('%s says nothing', (_, text) => {
    expect(() => parseLxcInfo(text, 'blog')).toThrow('lxc-info -n blog')
  })
})

describe('lxc-monitor', () => {
  it('tells of starts and ends, by name', () => {
    const names = capture('lxc-5.0.2/monitor.txt').split('\n').map(readLxcEvent)
    expect(names.filter((name) => name !== undefined)).toEqual(Array.from({ length: 5 }, () => 'blog'))
  })

  it.each([
    "'blog' exited with status [0]",
    "'blog' changed state to [STARTING]",
    "x 'blog' changed state to [RUNNING]",
    'blog changed state to [RUNNING]',
    '',
  ])('%j tells of none', (line) => {
    expect(readLxcEvent(line)).toBeUndefined()
  })
})
