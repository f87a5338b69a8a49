import { describe, expect, it } from 'vitest'
import { DRIVERS } from '../../src/drivers/index.ts'
import { applyChanges } from '../../src/engine/apply.ts'
import type { Applied } from '../../src/engine/apply.ts'
import type { PlannedChange } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Call, RecordingSystem } from '../support/recording-system.ts'
import { ipStep, nftStep, planned } from './kinds.ts'

async function apply(
  changes: readonly PlannedChange[],
  run?: (call: Call) => void,
): Promise<Applied & { system: RecordingSystem }> {
  const system = recordingSystem({ ...(run && { run }), sysctls: { 'net/ipv4/ip_forward': '0' } })
  return { ...(await applyChanges(changes, DRIVERS, system)), system }
}

function commands({ calls }: RecordingSystem): readonly string[] {
  return calls.map(({ command }) => command)
}

/** iproute2 6.1 on a kernel error in a batch: applies what stands before, then says which line it was. */
function failingAt(line: string): (call: Call) => void {
  return ({ script }) => {
    const at = (script ?? '').split('\n').indexOf(line)
    if (at >= 0)
      throw failure(
        'exists',
        `RTNETLINK answers: File exists\nCommand failed /run/tx:${at + 1}`,
        'ip -batch',
        1,
      )
  }
}

describe('one process a phase', () => {
  it('a hundred changes of one tool are one call', async () => {
    const changes = Array.from({ length: 100 }, (_, index) => planned(`create route r${index}`))
    const { system, applied, failed } = await apply(changes)
    expect(commands(system)).toEqual(['ip -batch'])
    expect(system.calls[0]?.script?.trimEnd().split('\n')).toHaveLength(100)
    expect([applied.length, failed.length]).toEqual([100, 0])
  })

  it('a whole first run is one call for each phase, and one for each container', async () => {
    const pair = (name: string) =>
      planned(`create veth ${name}`, { steps: [ipStep('add'), ipStep('up', name)] })
    const { system } = await apply([
      planned('create nft-set a', { steps: [nftStep('add set a')] }),
      planned('create nft-set b', { steps: [nftStep('add set b')] }),
      planned('create bridge br'),
      pair('blog'),
      pair('db'),
      planned('create proxy-neighbour p'),
    ])
    expect(commands(system)).toEqual([
      'nft -f',
      'ip -batch',
      'ip -n blog -batch',
      'ip -n db -batch',
      'ip -batch',
    ])
  })
})

describe('a failing line in the middle of a batch', () => {
  const changes = [
    planned('create bridge one'),
    planned('create bridge two'),
    planned('create bridge three'),
    planned('create pair needs-two', { needs: ['bridge two'] }),
    planned('create pair needs-three', { needs: ['bridge three'] }),
    planned('create route needs-pair', { needs: ['pair needs-two'] }),
  ]

  it('goes on behind it, and skips what needs it, however far', async () => {
    const { applied, failed, system } = await apply(changes, failingAt('create bridge two'))
    expect(applied.map(({ key }) => key)).toEqual(['one', 'three', 'needs-three'])
    expect(failed.map(({ resource, code }) => `${code} ${resource}`)).toEqual([
      'S64-A001 bridge two',
      'S64-A002 pair needs-two',
      'S64-A002 route needs-pair',
    ])
    expect(system.calls.at(-1)?.script).toBe('create bridge three\ncreate pair needs-three\n')
  })

  it('tells the line as a command that a person can run, and the tool’s own words', async () => {
    const { failed } = await apply(changes, failingAt('create bridge two'))
    expect(failed[0]?.message).toBe('ip create bridge two: RTNETLINK answers: File exists')
    expect(failed[1]?.message).toContain('bridge two')
  })

  it('skips the later steps of the same change', async () => {
    const broken = planned('create bridge b', { steps: [ipStep('first'), ipStep('second')] })
    const { system, applied } = await apply([broken, planned('create bridge c')], failingAt('first'))
    expect(applied.map(({ key }) => key)).toEqual(['c'])
    expect(system.calls.at(-1)?.script).toBe('create bridge c\n')
  })

  it('skips a delete that guards what could not be removed, and no other', async () => {
    const guard = planned('delete guard g', { needs: ['bridge two'] })
    const gone = planned('delete pair p')
    const { applied } = await apply(
      [planned('delete bridge two'), guard, gone],
      failingAt('delete bridge two'),
    )
    expect(applied.map(({ key }) => key)).toEqual(['p'])
  })
})

describe('the firewall', () => {
  const firewall = [
    planned('create nft-set a', { steps: [nftStep('add set a')] }),
    planned('create nft-set b', { steps: [nftStep('add set b')] }),
  ]
  const rest = [planned('create bridge br'), planned('create proxy-neighbour p'), planned('delete route r')]

  it('stops everything when its transaction fails: nothing may be reachable before it is guarded', async () => {
    const { applied, failed, system } = await apply([...firewall, ...rest], () => {
      throw failure('other', 'Could not process rule', 'nft -f')
    })
    expect(commands(system)).toEqual(['nft -f'])
    expect(applied).toEqual([])
    expect(failed.map(({ resource }) => resource)).toEqual([
      'nft-set a',
      'nft-set b',
      'bridge br',
      'proxy-neighbour p',
      'route r',
    ])
    expect(failed.at(-1)?.message).toContain('the firewall')
  })

  it('a failure elsewhere does not keep it from being changed later on', async () => {
    const late = planned('delete nft-table t', { steps: [nftStep('delete table t')] })
    const { applied } = await apply([planned('create bridge br'), late], failingAt('create bridge br'))
    expect(applied.map(({ key }) => key)).toEqual(['t'])
  })
})

describe('a tool that does not work', () => {
  it('fails the whole of its batch at once, and what needs it; other tools go on', async () => {
    const setting = planned('create sysctl s', {
      steps: [{ tool: 'sysctl', name: 'net/ipv4/ip_forward', value: '1' }],
    })
    const bridges = Array.from({ length: 50 }, (_, index) => planned(`create bridge b${index}`))
    const pair = planned('create pair p', { needs: ['bridge b3'] })
    const { applied, failed, failedChanges, system } = await apply(
      [...bridges, pair, setting],
      ({ command }) => {
        if (command === 'ip -batch') throw failure('timeout', 'did not end in time', 'ip -batch /run/tx-1')
      },
    )
    expect(commands(system)).toEqual(['ip -batch', 'sysctl net/ipv4/ip_forward=1'])
    expect(applied).toEqual([setting])
    expect(failedChanges).toHaveLength(51)
    expect(failed[0]).toMatchObject({ code: 'S64-H005', message: expect.stringContaining('(51 resources)') })
  })
})

describe('told to stop', () => {
  it('inside of a stage: what runs is finished, and of many containers no other is begun', async () => {
    const stop = new AbortController()
    const pairs = Array.from({ length: 100 }, (_, index) =>
      planned(`create pair p${index}`, { steps: [ipStep('up', `c${index}`)] }),
    )
    const system = recordingSystem({ run: () => stop.abort() })
    const run = system.run.bind(system)
    system.run = async (argv, script) => {
      await new Promise((resolve) => setImmediate(resolve))
      return run(argv, script)
    }
    const { applied, failed, failedChanges } = await applyChanges(pairs, DRIVERS, system, stop.signal)
    expect(system.calls).toHaveLength(16)
    expect(applied).toHaveLength(16)
    expect([failed, failedChanges]).toEqual([[], []])
  })

  it('between two parts of a batch: the failing line is told, what is behind it is not begun', async () => {
    const stop = new AbortController()
    const fail = failingAt('create bridge two')
    const system = recordingSystem({
      run: (call) => {
        stop.abort()
        fail(call)
      },
    })
    const changes = ['one', 'two', 'three'].map((key) => planned(`create bridge ${key}`))
    const needy = planned('create pair p', { needs: ['bridge two'] })
    const done = await applyChanges([...changes, needy], DRIVERS, system, stop.signal)
    expect(done.applied.map(({ key }) => key)).toEqual(['one'])
    expect(done.failed.map(({ resource }) => resource)).toEqual(['bridge two'])
    expect(commands(system)).toEqual(['ip -batch'])
  })

  it('a change of which one step is left is not told as done', async () => {
    const stop = new AbortController()
    const system = recordingSystem({ run: () => stop.abort() })
    const change = planned('create veth v', { steps: [ipStep('add'), ipStep('up', 'blog')] })
    const done = await applyChanges([change], DRIVERS, system, stop.signal)
    expect([done.applied, done.failedChanges, system.calls.length]).toEqual([[], [], 1])
  })
})

describe('a defect', () => {
  it('is not swallowed', async () => {
    const defect = new TypeError('x is not a function')
    const run = () => {
      throw defect
    }
    await expect(apply([planned('create bridge b')], run)).rejects.toBe(defect)
  })
})
