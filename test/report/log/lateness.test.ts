import { expect, test } from 'vitest'
import type { CommandEvent, LateEvent } from '../../../src/controller/types.ts'
import { entriesOf } from '../../../src/report/log/entries.ts'
import { createRepeats } from '../../../src/report/log/repeats.ts'

function late(parts: Partial<LateEvent> = {}): LateEvent {
  return { type: 'late', tool: 'ip', command: 'ip -n c1 addr', seconds: 5.2, allowed: 3, ...parts }
}

test('what is late is a warning, which says which command it was', () => {
  expect(entriesOf(late())).toEqual([
    {
      level: 'warning',
      event: 'late',
      message: 'ip took longer than 3 s: this machine is busy',
      fields: { command: 'ip -n c1 addr', seconds: 5.2 },
    },
  ])
  expect(entriesOf(late({ tool: 'other', command: 'docker inspect' }))).toMatchObject([
    { message: 'a program took longer than 3 s: this machine is busy' },
  ])
})

test('two hundred late commands are one line', () => {
  const repeats = createRepeats()
  const events = Array.from({ length: 200 }, (_, n) => late({ command: `ip -n c${n} addr`, seconds: 3 + n }))
  expect(events.flatMap((event) => entriesOf(event)).flatMap((entry) => repeats(entry, 0))).toHaveLength(1)
})

test('what was seen of a program that was killed is a detail', () => {
  const evidence = ['sh, process 1: state S', 'ip, process 2: state D']
  const event: CommandEvent = {
    type: 'command',
    tool: 'ip',
    seconds: 3,
    ok: false,
    command: 'ip -n c1',
    evidence,
  }
  expect(entriesOf(event)).toEqual([
    {
      level: 'debug',
      event: 'evidence',
      message: 'what was seen of ip -n c1 before it was killed',
      fields: { seen: evidence.join(' | ') },
    },
  ])
})
