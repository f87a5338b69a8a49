import { describe, expect, it } from 'vitest'
import { ipDriver } from '../../src/drivers/ip-batch.ts'
import type { Step } from '../../src/engine/types.ts'
import type { SystemErrorCode } from '../../src/system/errors.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Call, RecordingSystem } from '../support/recording-system.ts'

interface Outcome {
  readonly code: SystemErrorCode
  /** stderr as iproute2 6.1 prints it; `LINE` stands for the number of the failing line. */
  readonly stderr: string
  readonly exitCode: number
}

/** What iproute2 6.1 says, by class of failure (field notes, `ip -batch`). */
const KERNEL: Outcome = {
  code: 'exists',
  stderr: 'RTNETLINK answers: File exists\nCommand failed /run/tx-1:LINE',
  exitCode: 1,
}
const ADDRESS: Outcome = {
  code: 'exists',
  stderr: 'Error: ipv4: Address already assigned.\nCommand failed /run/a:b:LINE',
  exitCode: 1,
}
const PARSE: Outcome = {
  code: 'other',
  stderr: 'Error: argument "abc" is wrong: Invalid "mtu" value\n',
  exitCode: 255,
}
const NEIGHBOUR: Outcome = {
  code: 'not-found',
  stderr: 'RTNETLINK answers: No such file or directory',
  exitCode: 2,
}
const PROCESS: Outcome = {
  code: 'other',
  stderr: 'RTNETLINK answers: No such process\nCommand failed /run/tx-1:LINE',
  exitCode: 1,
}
const CANNOT: Outcome = {
  code: 'other',
  stderr: 'RTNETLINK answers: Cannot assign requested address\nCommand failed /run/tx-1:LINE',
  exitCode: 2,
}
const DEVICE: Outcome = {
  code: 'not-found',
  stderr: 'Cannot find device "br-x"\nCommand failed /run/tx-1:LINE',
  exitCode: 1,
}

function steps(...lines: readonly string[]): readonly Step[] {
  return lines.map((line) => ({ tool: 'ip', line }))
}

/** Stops at the first line that is told to fail, as `ip -batch` does; what stands before it has been done. */
function host(failing: Readonly<Record<string, Outcome>>): { system: RecordingSystem; done: string[] } {
  const done: string[] = []
  const run = ({ command, script = '' }: Call): void => {
    for (const [index, line] of script.trimEnd().split('\n').entries()) {
      const outcome = failing[line]
      if (outcome === undefined) done.push(line)
      else
        throw failure(outcome.code, outcome.stderr.replace('LINE', `${index + 1}`), command, outcome.exitCode)
    }
  }
  return { system: recordingSystem({ run }), done }
}

describe('one batch', () => {
  it('is one process with all lines', async () => {
    const { system } = host({})
    expect(await ipDriver(steps('a', 'b', 'c'), system)).toEqual({ done: 3 })
    expect(system.calls).toEqual([{ command: 'ip -batch', script: 'a\nb\nc\n' }])
  })

  it('runs in the namespace of its steps', async () => {
    const { system } = host({})
    await ipDriver([{ tool: 'ip', line: 'link set dev eth0 up', netns: 'blog' }], system)
    expect(system.calls[0]?.command).toBe('ip -n blog -batch')
  })
})

describe('a failing line', () => {
  it.each([
    ['a kernel error', KERNEL, 'RTNETLINK answers: File exists'],
    [
      'an address error, in a file with a colon in its name',
      ADDRESS,
      'Error: ipv4: Address already assigned.',
    ],
  ])('%s names the line: what stands before it is done', async (_, outcome, words) => {
    const { system, done } = host({ 'route add x': outcome })
    const progress = await ipDriver(steps('one', 'two', 'route add x', 'four'), system)
    expect(progress).toMatchObject({
      done: 2,
      error: { code: outcome.code, subject: 'ip route add x', detail: words },
    })
    expect(done).toEqual(['one', 'two'])
    expect(system.calls).toHaveLength(1)
  })

  it('a parse error names no line: the lines are run one by one to find it', async () => {
    const { system } = host({ 'link set dev x mtu abc': PARSE })
    const progress = await ipDriver(steps('one', 'link set dev x mtu abc', 'three'), system)
    expect(progress).toMatchObject({
      done: 1,
      error: {
        subject: 'ip link set dev x mtu abc',
        detail: 'Error: argument "abc" is wrong: Invalid "mtu" value',
      },
    })
    expect(system.calls.map(({ script }) => script)).toEqual([
      'one\nlink set dev x mtu abc\nthree\n',
      'one\n',
      'link set dev x mtu abc\n',
    ])
  })

  it('one by one, what the batch had already made is no failure', async () => {
    let batch = true
    const run = ({ command, script }: Call): void => {
      if (batch) {
        batch = false
        throw failure('not-found', NEIGHBOUR.stderr, command, 2)
      }
      if (script === 'route add x\n')
        throw failure('exists', 'RTNETLINK answers: File exists\nCommand failed f:1', command, 1)
    }
    expect(
      await ipDriver(steps('route add x', 'neigh delete proxy ::5 dev eth0'), recordingSystem({ run })),
    ).toEqual({ done: 2 })
  })
})

describe('what is to be deleted and is gone already', () => {
  it.each([
    ['a route', 'route delete 2001:db8::5 dev br', PROCESS],
    ['an address', 'addr delete 10.0.0.1/24 dev br', CANNOT],
    ['a link', 'link delete dev br-x', DEVICE],
    [
      'a proxy neighbour, which ends ip without a line number',
      'neigh delete proxy 2001:db8::5 dev eth0',
      NEIGHBOUR,
    ],
  ])('%s: that is what was wanted, and the rest is done', async (_, line, outcome) => {
    const { system, done } = host({ [line]: outcome })
    expect(await ipDriver(steps('one', line, 'three'), system)).toEqual({ done: 3 })
    expect(done).toContain('three')
  })

  it('but a missing device is a failure for what is to be made', async () => {
    const { system } = host({ 'addr replace 10.0.0.1/24 dev br-x': DEVICE })
    const progress = await ipDriver(steps('addr replace 10.0.0.1/24 dev br-x'), system)
    expect(progress).toMatchObject({ done: 0, error: { code: 'not-found' } })
  })

  it('and a failure behind it counts from the start of the batch', async () => {
    const { system } = host({ 'route delete x': PROCESS, 'route add y': KERNEL })
    const progress = await ipDriver(steps('one', 'route delete x', 'three', 'route add y', 'five'), system)
    expect(progress).toMatchObject({ done: 3, error: { subject: 'ip route add y' } })
  })
})
