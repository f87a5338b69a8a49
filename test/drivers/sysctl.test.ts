import { describe, expect, it } from 'vitest'
import { readFound, sysctlDriver } from '../../src/drivers/sysctl.ts'
import type { Step } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Answers, RecordingSystem } from '../support/recording-system.ts'

const FILE = '/var/lib/slash64/found-sysctls.json'
const FORWARD = 'net/ipv4/ip_forward'
const NDP = 'net/ipv6/conf/all/proxy_ndp'

function set(name: string, value: string): Step {
  return { tool: 'sysctl', name, value }
}

function host(more: Answers = {}): RecordingSystem {
  return recordingSystem({ sysctls: { [FORWARD]: '0', [NDP]: '0' }, ...more })
}

function found(system: RecordingSystem): unknown {
  return JSON.parse(system.files.get(FILE) ?? 'null')
}

describe('writing settings', () => {
  it('keeps the found values before it writes, then writes in order', async () => {
    const system = host()
    expect(await sysctlDriver(FILE)([set(FORWARD, '1'), set(NDP, '1')], system)).toEqual({ done: 2 })
    expect(system.calls.map(({ command }) => command)).toEqual([
      `write ${FILE}`,
      `sysctl ${FORWARD}=1`,
      `sysctl ${NDP}=1`,
    ])
    expect(found(system)).toEqual({ [FORWARD]: '0', [NDP]: '0' })
  })

  it('never replaces what was found first by what was found later', async () => {
    const system = host({ sysctls: { [FORWARD]: '2', [NDP]: '0' }, files: { [FILE]: `{"${FORWARD}":"0"}` } })
    await sysctlDriver(FILE)([set(FORWARD, '1')], system)
    expect(found(system)).toEqual({ [FORWARD]: '0' })
    await sysctlDriver(FILE)([set(NDP, '1')], system)
    expect(found(system)).toEqual({ [FORWARD]: '0', [NDP]: '0' })
  })

  it('writes no file when it knows all values', async () => {
    const system = host({ files: { [FILE]: `{"${FORWARD}":"0"}` } })
    await sysctlDriver(FILE)([set(FORWARD, '1')], system)
    expect(system.calls.map(({ command }) => command)).toEqual([`sysctl ${FORWARD}=1`])
  })

  it('changes nothing when the found values cannot be kept', async () => {
    const error = failure('read-only', 'Read-only file system', FILE)
    const system = host({
      run: ({ command }) => {
        if (command.startsWith('write')) throw error
      },
    })
    expect(await sysctlDriver(FILE)([set(FORWARD, '1')], system)).toEqual({ done: 0, error })
    expect(system.calls.filter(({ command }) => command.startsWith('sysctl'))).toEqual([])
  })

  it('stops at the setting that cannot be written, and tells which', async () => {
    const error = failure('denied', 'Permission denied', `/proc/sys/${NDP}`)
    const system = host({
      run: ({ command }) => {
        if (command.startsWith(`sysctl ${NDP}`)) throw error
      },
    })
    expect(await sysctlDriver(FILE)([set(FORWARD, '1'), set(NDP, '1')], system)).toEqual({ done: 1, error })
  })
})

describe('readFound', () => {
  it.each([
    ['no file', undefined],
    ['no JSON', '{'],
    ['a list', '["net/ipv4/ip_forward"]'],
    ['null', 'null'],
    ['a number', '1'],
  ])('%s: nothing is known', async (_, text) => {
    const system = recordingSystem({ files: text === undefined ? {} : { [FILE]: text } })
    expect(await readFound(FILE, system)).toEqual({})
  })

  it('takes only settings of the network: the file is never trusted', async () => {
    const file = {
      [FORWARD]: '0',
      'kernel/core_pattern': '|/bin/sh',
      'net/../kernel/x': '1',
      'net/ipv4/y': 1,
      '/net/z': '0',
    }
    const system = recordingSystem({ files: { [FILE]: JSON.stringify(file) } })
    expect(await readFound(FILE, system)).toEqual({ [FORWARD]: '0' })
  })
})
