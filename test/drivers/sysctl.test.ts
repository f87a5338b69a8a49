import { describe, expect, it } from 'vitest'
import { sysctlDriver } from '../../src/drivers/sysctl.ts'
import type { Step } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'

const FORWARD = 'net/ipv4/ip_forward'
const NDP = 'net/ipv6/conf/all/proxy_ndp'

function set(name: string, value: string): Step {
  return { tool: 'sysctl', name, value }
}

describe('writing settings', () => {
  it('writes in the order of the steps', async () => {
    const system = recordingSystem()
    expect(await sysctlDriver([set(FORWARD, '1'), set(NDP, '1')], system)).toEqual({ done: 2 })
    expect(system.calls.map(({ command }) => command)).toEqual([`sysctl ${FORWARD}=1`, `sysctl ${NDP}=1`])
  })

  it('told to stop, the next is not begun', async () => {
    const stop = new AbortController()
    const system = recordingSystem({ run: () => stop.abort() })
    expect(await sysctlDriver([set(FORWARD, '1'), set(NDP, '1')], system, stop.signal)).toEqual({ done: 1 })
    expect(system.calls).toHaveLength(1)
  })

  it('stops at the setting that cannot be written, and tells which', async () => {
    const error = failure('denied', 'Permission denied', `/proc/sys/${NDP}`)
    const system = recordingSystem({
      run: ({ command }) => {
        if (command.startsWith(`sysctl ${NDP}`)) throw error
      },
    })
    expect(await sysctlDriver([set(FORWARD, '1'), set(NDP, '1')], system)).toEqual({ done: 1, error })
  })
})
