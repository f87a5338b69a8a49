import { describe, expect, it } from 'vitest'
import type { ControllerEvent } from '../../../src/controller/types.ts'
import { entriesOf } from '../../../src/report/log/entries.ts'

const CASES: readonly (readonly [ControllerEvent, readonly string[]])[] = [
  [{ type: 'monitor', name: 'lxc', program: 'lxc-monitor', up: false, unwanted: true }, []],
  [
    { type: 'attach', container: 'blog', ok: true, applied: 7, problems: [], seconds: 0.2 },
    ['info attached: container blog has its network as it starts'],
  ],
  [
    {
      type: 'attach',
      container: 'blog',
      ok: false,
      applied: 0,
      problems: [{ code: 'S64-T002', message: 'process 7 does not run here' }],
      seconds: 0.2,
    },
    ['error unattached: process 7 does not run here'],
  ],
  [
    { type: 'unheard', problem: { code: 'S64-W005', message: 'not writable' } },
    ['warning unheard: not writable'],
  ],
]

describe('what is told of containers that start', () => {
  it.each(CASES)('%j', (event, lines) => {
    const said = entriesOf(event).map(({ level, event: name, message }) => `${level} ${name}: ${message}`)
    expect(said).toEqual(lines)
  })
})
