import { describe, expect, it } from 'vitest'
import { parseIncusList, readIncusEvent } from '../../../src/formats/runtimes/incus.ts'
import { capture } from '../../support/captures.ts'
import { NO_LISTS, truncated } from '../garbage.ts'

const LIST = capture('incus-6.0/list.json')

describe('incus list', () => {
  it('tells of containers by name, whatever state they are in', () => {
    const found = parseIncusList(LIST)
    expect(found.get('blog')).toEqual({ state: 'running', pid: 4711 })
    expect(found.get('cold')).toEqual({ state: 'running', pid: 4712 })
    expect(found.get('blog-old')).toEqual({ state: 'absent', why: 'stopped' })
    expect(found.get('broken')).toEqual({ state: 'absent', why: 'error' })
    expect(found.get('blo')).toBeUndefined()
  })

  it('an instance of another project is another', () => {
    expect(LIST).toContain('"name":"db"')
    expect(parseIncusList(LIST).get('db')).toBeUndefined()
  })

  it('of a virtual machine, and of another host of a cluster, the process says nothing', () => {
    const found = parseIncusList(LIST)
    expect(found.get('vm')).toMatchObject({
      state: 'unknown',
      error: { message: expect.stringContaining('is a virtual machine') },
    })
    expect(found.get('far')).toMatchObject({
      state: 'unknown',
      error: { message: expect.stringContaining('is on node2 of a cluster') },
    })
  })

  it('an empty list is an answer: there is none', () => {
    expect(parseIncusList('[]\n').size).toBe(0)
  })

  it.each(NO_LISTS.filter(([, text]) => text !== '[{"name":"eth0"}]'))('%s is no list', (_, text) => {
    expect(() => parseIncusList(text)).toThrow('incus list')
  })

  it('one without a state is no answer, and neither is half a list', () => {
    expect(() => parseIncusList('[{"name":"blog"}]')).toThrow('incus list')
    expect(() => parseIncusList(truncated(LIST, 1))).toThrow('incus list')
  })
})

describe('incus monitor', () => {
  it('tells of starts and ends in the default project', () => {
    const lines = capture('incus-6.0/monitor.txt').trimEnd().split('\n')
    const told = lines.filter((line) => readIncusEvent(line) !== undefined)
    expect(told.map((line) => /instance-(\w+)/.exec(line)?.[1])).toEqual([
      'started',
      'resumed',
      'restarted',
      'shutdown',
      'stopped',
    ])
    expect(new Set(told.map(readIncusEvent))).toEqual(new Set(['blog']))
  })

  it.each(['', 'null', '[]', '{', '{"metadata":7}', '{"metadata":{"action":"instance-started"}}'])(
    '%j tells of none',
    (line) => {
      expect(readIncusEvent(line)).toBeUndefined()
    },
  )
})
