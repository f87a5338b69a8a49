import { describe, expect, it } from 'vitest'
import {
  noteRevocations,
  readRevocations,
  revocationsText,
  settleRevocations,
} from '../../src/app/revocations.ts'
import type { EgressStep, ForwardedStep, PlannedChange } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { RecordingSystem } from '../support/recording-system.ts'
import { forward, model, tcp, world } from '../support/model.ts'

const FILE = '/state/revocations.json'
const STEP: ForwardedStep = {
  tool: 'conntrack',
  protocol: 'tcp',
  first: 2222,
  last: 2222,
  backend: '10.64.0.2',
}
const FLOW =
  'tcp 6 99 ESTABLISHED src=198.51.100.9 dst=203.0.113.2 sport=5555 dport=2222 src=10.64.0.2 dst=198.51.100.9 sport=22 dport=5555 [ASSURED]'

const REMOVAL: PlannedChange = {
  kind: 'port-forward',
  key: 'forwards4 6 . 2222',
  action: 'delete',
  cause: 'config',
  reason: '',
  before: {},
  after: null,
  needs: [],
  steps: [STEP],
}

function host(files: Readonly<Record<string, string>> = {}, flows = FLOW): RecordingSystem {
  return recordingSystem({ files, query: () => flows })
}

describe('connections that are still to be ended', () => {
  it('are noted before the first effect, beside those of earlier passes', async () => {
    const system = host({ [FILE]: revocationsText([{ ...STEP, first: 1, last: 1 }]) })
    await noteRevocations(FILE, [REMOVAL], system)
    expect((await readRevocations(FILE, system)).map((step) => 'first' in step && step.first)).toEqual([
      1, 2222,
    ])
  })

  it('are no reason to write anything when there are none', async () => {
    const system = host()
    await noteRevocations(FILE, [{ ...REMOVAL, steps: [] }], system)
    expect(await settleRevocations(FILE, world(), { left: [], changes: [], applied: [] }, system)).toEqual([])
    expect(system.calls).toEqual([])
  })

  it('are struck out once their change was applied', async () => {
    const system = host({ [FILE]: revocationsText([STEP]) })
    await settleRevocations(FILE, world(), { left: [], changes: [REMOVAL], applied: [REMOVAL] }, system)
    expect(system.files.has(FILE)).toBe(false)
  })

  it('stay noted when their change failed, and the next pass ends them', async () => {
    const system = host({ [FILE]: revocationsText([STEP]) })
    await settleRevocations(FILE, world(), { left: [], changes: [REMOVAL], applied: [] }, system)
    const left = await readRevocations(FILE, system)
    expect(left).toEqual([STEP])
    expect(await settleRevocations(FILE, world(), { left, changes: [], applied: [] }, system)).toEqual([])
    expect(
      system.calls.map(({ command }) => command).filter((command) => command.startsWith('conntrack')),
    ).toEqual(['conntrack -D -f ipv4 -p tcp -s 198.51.100.9 -d 203.0.113.2 --sport 5555 --dport 2222'])
    expect(system.files.has(FILE)).toBe(false)
  })

  it('are told, and kept, when conntrack is missing', async () => {
    const system = recordingSystem({
      files: { [FILE]: revocationsText([STEP]) },
      query: () => {
        throw failure('missing-tool', '/bin', 'conntrack -L')
      },
    })
    const problems = await settleRevocations(
      FILE,
      world(),
      { left: [STEP], changes: [], applied: [] },
      system,
    )
    expect(problems.map(({ code }) => code)).toEqual(['S64-H001'])
    expect(system.files.has(FILE)).toBe(true)
  })

  it('live on when their forward has come back', async () => {
    const again = model({ nat: { source: 'snat', forwards: [forward(tcp(2222), 'blog', '10.64.0.2')] } })
    const system = host({ [FILE]: revocationsText([STEP]) })
    await settleRevocations(FILE, world(again), { left: [STEP], changes: [], applied: [] }, system)
    expect(system.calls).toEqual([])
    expect(system.files.has(FILE)).toBe(false)
  })

  it('to the outside are judged by the address of now, not by that which was noted', async () => {
    const step: EgressStep = {
      tool: 'conntrack',
      interface: 'eth0',
      networks: [{ bridge: 'br-ct', cidr: '10.64.0.0/24' }],
      to: ['203.0.113.9'],
    }
    const outside = (to: string) =>
      `udp 17 29 src=10.64.0.2 dst=198.51.100.9 sport=1 dport=2 src=198.51.100.9 dst=${to} sport=2 dport=1\n`
    const system = recordingSystem({
      files: { [FILE]: revocationsText([step]) },
      query: (command) =>
        command.startsWith('ip ')
          ? '198.51.100.9 from 10.64.0.2 via 203.0.113.1 dev eth0 \\    cache iif br-ct\n'
          : outside('203.0.113.2') + outside('203.0.113.9'),
    })
    const left = await readRevocations(FILE, system)
    expect(left).toEqual([step])
    await settleRevocations(FILE, world(), { left, changes: [], applied: [] }, system)
    expect(
      system.calls.map(({ command }) => command).filter((command) => command.startsWith('conntrack')),
    ).toEqual(['conntrack -D -f ipv4 -s 10.64.0.2 -d 198.51.100.9 -q 203.0.113.9'])
    expect(system.files.has(FILE)).toBe(false)
  })

  it.each([
    '',
    '{',
    '{}',
    'null',
    '[null]',
    // Whole, and written by somebody else: it would end every connection to the host.
    '[{"tool":"conntrack","protocol":"tcp","first":0,"last":65535}]',
    '{"format":1,"steps":[{"tool":"conntrack","protocol":"tcp","first":0,"last":65535}]}',
    revocationsText([STEP]).replace('2222', '22'),
    revocationsText([STEP]).replace('"format":1', '"format":2'),
  ])('a damaged file (%j) is none', async (text) => {
    expect(await readRevocations(FILE, host({ [FILE]: text }))).toEqual([])
  })
})
