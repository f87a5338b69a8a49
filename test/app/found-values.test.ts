import { describe, expect, it } from 'vitest'
import { keepFound, readFound } from '../../src/app/found-values.ts'
import type { PlannedChange } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Answers, RecordingSystem } from '../support/recording-system.ts'

const FILE = '/var/lib/slash64/found-sysctls.json'
const FORWARD = 'net/ipv4/ip_forward'
const NDP = 'net/ipv6/conf/all/proxy_ndp'

function change(name: string): PlannedChange {
  return {
    kind: 'sysctl',
    key: name,
    action: 'update',
    cause: 'config',
    reason: '',
    before: null,
    after: null,
    needs: [],
    steps: [{ tool: 'sysctl', name, value: '1' }],
  }
}

function host(more: Answers = {}): RecordingSystem {
  return recordingSystem({ sysctls: { [FORWARD]: '0', [NDP]: '0' }, ...more })
}

function found(system: RecordingSystem): unknown {
  return JSON.parse(system.files.get(FILE) ?? 'null')
}

describe('keepFound', () => {
  it('keeps the value of each setting that will be written', async () => {
    const system = host()
    await keepFound(FILE, [change(FORWARD), change(NDP)], system)
    expect(found(system)).toEqual({ [FORWARD]: '0', [NDP]: '0' })
  })

  it('never replaces what was found first by what was found later', async () => {
    const system = host({ sysctls: { [FORWARD]: '2', [NDP]: '0' }, files: { [FILE]: `{"${FORWARD}":"0"}` } })
    await keepFound(FILE, [change(FORWARD)], system)
    expect(found(system)).toEqual({ [FORWARD]: '0' })
    await keepFound(FILE, [change(NDP)], system)
    expect(found(system)).toEqual({ [FORWARD]: '0', [NDP]: '0' })
  })

  it('a damaged file is kept beside, and one that cannot be read is not written over', async () => {
    const system = host({ files: { [FILE]: `{"${FORWARD}":"0` } })
    await keepFound(FILE, [change(NDP)], system)
    expect(found(system)).toEqual({ [NDP]: '0' })
    expect(system.files.get(`${FILE}.damaged`)).toBe(`{"${FORWARD}":"0`)
    const broken = { ...host(), readFile: async () => Promise.reject(failure('other', 'EIO', FILE)) }
    await expect(keepFound(FILE, [change(NDP)], broken)).rejects.toMatchObject({ detail: 'EIO' })
    expect(broken.files.get(FILE)).toBeUndefined()
  })

  it('writes no file when it knows all values', async () => {
    const system = host({ files: { [FILE]: `{"${FORWARD}":"0"}` } })
    await keepFound(FILE, [change(FORWARD)], system)
    expect(system.calls).toEqual([])
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
