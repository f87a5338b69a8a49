import { describe, expect, it } from 'vitest'
import { ipDriver } from '../../src/drivers/ip-batch.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Call } from '../support/recording-system.ts'
import { ipStep } from '../engine/kinds.ts'

const PARSE = 'Error: argument "abc" is wrong: Invalid "mtu" value'
const lines = ['one', 'two', 'three'].map((line) => ipStep(line))

describe('a program that does not work', () => {
  it.each(['timeout', 'missing-tool', 'denied', 'read-only', 'crashed'] as const)(
    '%s: the lines are not tried one by one',
    async (code) => {
      const run = () => {
        throw failure(code, 'why', 'ip -n blog -batch /run/tx-1')
      }
      const system = recordingSystem({ run })
      expect(await ipDriver(lines, system)).toMatchObject({
        done: 0,
        broken: true,
        error: { code, subject: 'ip -n blog -batch', detail: 'why' },
      })
      expect(system.calls).toHaveLength(1)
    },
  )

  it('its one line is told as the command', async () => {
    const run = () => {
      throw failure('timeout', 'why', 'ip -batch /run/tx-1')
    }
    const progress = await ipDriver([ipStep('link set br up')], recordingSystem({ run }))
    expect(progress.error?.message).toBe('ip link set br up: why')
  })

  it('a directory for scripts that cannot be written is told by its own name', async () => {
    const run = () => {
      throw failure('read-only', 'read-only file system', '/run/slash64')
    }
    const progress = await ipDriver([ipStep('link set br up')], recordingSystem({ run }))
    expect(progress.error?.message).toBe('/run/slash64: read-only file system')
  })

  it('one that is denied a line, and says which, may do the others', async () => {
    const words = 'RTNETLINK answers: Permission denied\nCommand failed /run/tx-1:2'
    const run = ({ command }: Call): void => {
      throw failure('denied', words, command, 2)
    }
    const progress = await ipDriver(lines, recordingSystem({ run }))
    expect(progress).toMatchObject({ done: 1, error: { subject: 'ip two' } })
    expect(progress.broken).toBeUndefined()
  })

  it('stops to work among single lines: the rest is not tried', async () => {
    let count = 0
    const run = ({ command }: Call): void => {
      count += 1
      if (count === 1) throw failure('other', PARSE, command, 255)
      if (count === 3) throw failure('timeout', 'why', `${command} /run/tx-3`)
    }
    expect(await ipDriver(lines, recordingSystem({ run }))).toMatchObject({
      done: 1,
      broken: true,
      error: { subject: 'ip two', code: 'timeout' },
    })
    expect(count).toBe(3)
  })
})

describe('told to stop', () => {
  it('among single lines: the next is not begun', async () => {
    const stop = new AbortController()
    const run = ({ command, script }: Call): void => {
      if (script === 'two\n') stop.abort()
      if (script?.includes('three') === true) throw failure('other', PARSE, command, 255)
    }
    const system = recordingSystem({ run })
    expect(await ipDriver(lines, system, stop.signal)).toEqual({ done: 2 })
    expect(system.calls).toHaveLength(3)
  })

  it('behind a line that is gone already: what is left of the batch is not begun', async () => {
    const stop = new AbortController()
    const run = ({ command }: Call): void => {
      stop.abort()
      throw failure('other', 'RTNETLINK answers: No such process\nCommand failed /run/tx-1:2', command, 1)
    }
    const [one, three] = [ipStep('one'), ipStep('three')]
    const system = recordingSystem({ run })
    const progress = await ipDriver([one, ipStep('route delete x'), three], system, stop.signal)
    expect(progress).toEqual({ done: 2 })
    expect(system.calls).toHaveLength(1)
  })
})
