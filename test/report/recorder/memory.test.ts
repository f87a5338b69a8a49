import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { ControllerEvent } from '../../../src/controller/types.ts'
import { MOST_ENTRIES } from '../../../src/report/recorder/recorder.ts'
import { faultyFileEvent, passEvent } from '../events.ts'
import { change, plan } from '../samples.ts'
import { heard, recorder } from './support.ts'

describe('memory', () => {
  const long = 'x\u{e0001}'.repeat(100_000)
  const many = Array.from({ length: 500 }, (_, index) => ({
    ...change({ key: `${index} ${long.slice(0, 500)}` }),
  }))
  const ids = new Set(many.map(({ key }) => key))
  const problem = { code: long, message: long, resource: long }
  const topics = new Set(many.map(({ key }) => `link ${key}` as const))
  const wish = { trigger: 'ip', topics, lost: ids, by: long } as const

  it('has a bound that nothing that is told breaks', () => {
    const one = recorder()
    const storm: readonly ControllerEvent[] = [
      { type: 'wished', wish, heard: { name: 'ip', program: long, line: long }, dueIn: 1 / 3 },
      { type: 'pass-begun', trigger: 'ip', wish, whole: true },
      {
        type: 'observed',
        known: true,
        plan: plan({
          changes: many,
          heldBack: many,
          problems: many.map((_, index) => ({ ...problem, code: `${index}` })),
        }),
      },
      passEvent({
        reads: [
          { made: ids, known: 0 },
          { made: ids, known: 0 },
        ],
        pass: { applied: many, failed: many.map(() => problem), remaining: plan({ changes: many }) },
      }),
      { ...faultyFileEvent({ problem }), name: long },
      { type: 'monitor', name: 'lxc', program: long, up: false, problem },
      {
        type: 'attach',
        container: long,
        ok: false,
        applied: 0,
        problems: many.map(() => problem),
        seconds: 1 / 3,
      },
      { type: 'interrupt', by: long },
      { type: 'unheard', problem },
      { type: 'command', tool: 'nft', seconds: 1 / 3, ok: false, command: long, evidence: [...ids] },
      { type: 'late', tool: 'nft', seconds: 1 / 3, allowed: 1, command: long },
    ]
    for (let round = 0; one.recording().forgotten < MOST_ENTRIES; round += 1) one.after(1, ...storm)
    const { events } = one.recording()
    expect(events).toHaveLength(MOST_ENTRIES)
    const sizes = events.map((entry) => JSON.stringify(entry).length)
    expect(Math.max(...sizes)).toBeLessThan(3_500)
    expect(JSON.stringify(one.recording()).length).toBeLessThan(7_000_000)
  })

  it('does not keep the chunks alive that lines are parts of', () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const one = recorder()
    const chunk = (): string => Buffer.alloc(500_000, 'a line of a monitor, of 36 characters\n').toString()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < 200; round += 1) {
      const [line = ''] = chunk().split('\n', 1)
      one.after(1, heard(line), heard(line, 'nft'))
    }
    collect()
    expect(one.recording().events).toHaveLength(400)
    // A hundred MB otherwise.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000)
  })
})
