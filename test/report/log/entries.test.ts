import { describe, expect, test } from 'vitest'
import type { ControllerEvent, Result } from '../../../src/controller/types.ts'
import { ROLLED_BACK } from '../../../src/engine/problems.ts'
import { createEntries, entriesOf } from '../../../src/report/log/entries.ts'
import type { LogEntry } from '../../../src/report/log/entry.ts'
import { container, forward, model, route, tcp } from '../../support/model.ts'
import { faultyFileEvent, fileEvent, passEvent } from '../events.ts'
import { change, DELETE, plan, UPDATE } from '../samples.ts'

const FAILURE = {
  code: 'S64-A001',
  message: 'ip -batch:\nError: x',
  hint: 'look there',
  resource: 'route a',
} as const

function heads(entries: readonly LogEntry[]): readonly string[] {
  return entries.map(({ level, event, message }) => `${level} ${event}: ${message}`)
}

describe('a pass that found nothing to do', () => {
  test.each([undefined, 'noop', 'success', 'drifted', 'refused', 'stopped'] as const)(
    'after %j is not told',
    (before) => {
      expect(entriesOf(passEvent(), before)).toEqual([])
    },
  )

  test.each(['error', 'rolled_back'] as const)('is told when it ends a failure (%s)', (before) => {
    expect(entriesOf(passEvent({ phases: { observe: 0.0204 } }), before)).toEqual([
      {
        level: 'info',
        event: 'converged',
        message: 'converged again',
        fields: { trigger: 'interval', changes: 0, seconds: 0.02 },
      },
    ])
  })

  test('ends a failure also after passes that had other worries', () => {
    const tell = createEntries()
    for (const result of ['error', 'drifted', 'stopped', 'refused'] as const) tell(passEvent({ result }))
    expect(heads(tell(passEvent()))).toEqual(['info converged: converged again'])
    expect(tell(passEvent())).toEqual([])
  })

  test('is told once, by who tells all events of a controller', () => {
    const tell = createEntries()
    const results: readonly Result[] = ['noop', 'error', 'noop', 'noop', 'rolled_back', 'error', 'success']
    const told = results.map((result) => tell(passEvent({ result })).map(({ event }) => event))
    expect(told).toEqual([[], ['differs'], ['converged'], [], ['differs'], ['differs'], ['converged']])
  })
})

describe('a pass that changed something', () => {
  const remaining = plan()

  test('is one line a change, and its end', () => {
    const phases = { observe: 0.1, apply: 0.2, verify: 0.3 }
    const pass = {
      plan: plan({ changes: [change(), UPDATE] }),
      applied: [change(), UPDATE, DELETE],
      remaining,
    }
    const entries = entriesOf(
      passEvent({ trigger: 'nft', result: 'success', pass, phases, convergence: 0.61234 }),
    )
    expect(entries.at(0)).toEqual({
      level: 'info',
      event: 'change',
      message: 'created proxy-neighbour',
      fields: {
        kind: 'proxy-neighbour',
        key: '2001:db8:1:1::1:2 dev eth0',
        action: 'create',
        cause: 'drift',
        reason: 'was there and is gone',
        trigger: 'nft',
      },
    })
    expect(heads(entries).slice(1, 3)).toEqual([
      'info change: updated bridge-port',
      'info change: deleted route',
    ])
    expect(entries.at(3)?.fields).toEqual({
      trigger: 'nft',
      changes: 3,
      seconds: 0.6,
      convergence_seconds: 0.612,
    })
    expect(entries).toHaveLength(4)
  })

  const many = (count: number) => Array.from({ length: count }, (_, index) => change({ key: `key${index}` }))

  test('that are few is told one by one', () => {
    const entries = entriesOf(passEvent({ result: 'success', pass: { applied: many(5), remaining } }))
    expect(entries.map(({ fields }) => fields['key'])).toEqual([...many(5).map(({ key }) => key), undefined])
  })

  test('that are many is told by kind, action and cause', () => {
    const applied = [...many(5_000), UPDATE, change({ cause: 'config' }), ...many(2)]
    const entries = entriesOf(passEvent({ result: 'success', pass: { applied, remaining } }))
    expect(heads(entries)).toEqual([
      'info change: created 5002 proxy-neighbour',
      'info change: updated bridge-port',
      'info change: created proxy-neighbour',
      'info converged: converged',
    ])
    expect(entries[0]?.fields).toEqual({
      kind: 'proxy-neighbour',
      keys: 'key0, key1, key2, 4999 more',
      action: 'create',
      cause: 'drift',
      trigger: 'interval',
      changes: 5_002,
    })
  })
})

describe('a pass that failed', () => {
  test('is one line a problem, with code and way out', () => {
    const failed = [FAILURE, { code: ROLLED_BACK, message: 'did not come up', path: ['routes', 0] }]
    const entries = entriesOf(passEvent({ result: 'error', pass: { failed } }))
    expect(entries).toEqual([
      {
        level: 'error',
        event: 'problem',
        message: 'ip -batch:; Error: x',
        fields: { code: 'S64-A001', resource: 'route a', hint: 'look there' },
      },
      {
        level: 'error',
        event: 'problem',
        message: 'did not come up',
        fields: { code: ROLLED_BACK, path: 'routes.0' },
      },
    ])
  })

  test('tells of what could not be read', () => {
    const unknown = plan({ known: false, problems: [{ code: 'S64-H004', message: 'nft crashed' }] })
    expect(heads(entriesOf(passEvent({ result: 'error', pass: { plan: unknown } })))).toEqual([
      'error problem: nft crashed',
    ])
  })

  test('tells of what it did, too', () => {
    const pass = { applied: [UPDATE], failed: [FAILURE], remaining: plan({ changes: [change()] }) }
    expect(heads(entriesOf(passEvent({ result: 'error', pass }))).map((head) => head.split(':')[0])).toEqual([
      'info change',
      'error problem',
    ])
  })

  test('is never silent', () => {
    const left = plan({ changes: [change(), UPDATE] })
    const [entry] = entriesOf(passEvent({ result: 'error', pass: { plan: left } }))
    expect(entry).toMatchObject({ level: 'warning', event: 'differs', fields: { changes: 2 } })
  })
})

test('a guard that holds changes back is told in the same words each time', () => {
  const told = [[DELETE], [DELETE, change()]].flatMap((heldBack) =>
    entriesOf(passEvent({ result: 'refused', pass: { plan: plan({ heldBack }) } })),
  )
  expect(heads(told)).toEqual(Array(2).fill('warning held-back: a guard holds changes back'))
  expect(told[0]?.fields).toEqual({ changes: 1, first: `delete route ${DELETE.key}` })
})

test('a host that changes meanwhile is told of by its changes', () => {
  const pass = { applied: [UPDATE], remaining: plan({ changes: [change()] }) }
  expect(heads(entriesOf(passEvent({ result: 'drifted', pass })))).toEqual([
    'info change: updated bridge-port',
  ])
})

test('a pass that was stopped says so', () => {
  expect(heads(entriesOf(passEvent({ result: 'stopped' })))).toEqual([
    'info stopped: the pass was ended before all was done',
  ])
})

describe('the file', () => {
  test('is told with what it declares', () => {
    const declared = model({
      containers: [container('blog', 2), container('db', 3)],
      nat: { source: 'snat', forwards: [forward(tcp(22), 'blog', '10.64.0.2')] },
      routes: [route()],
    })
    expect(entriesOf({ ...fileEvent(), valid: true, model: declared })).toEqual([
      {
        level: 'info',
        event: 'file',
        message: 'network.yaml is valid and in use',
        fields: { networks: 1, containers: 2, forwards: 1, routes: 1 },
      },
    ])
  })

  test('is told with its faults, one line each', () => {
    const second = 'network.yaml:9:3: error[S64-C009]: no container "x"\n   9 |   x\n     |   ^\n'
    const text = `${faultyFileEvent().text}${second}... and 3 more\n`
    const entries = entriesOf(faultyFileEvent({ text }))
    expect(heads(entries)).toEqual([
      'error file: network.yaml is not valid: unknown key "prefx"; what was valid last stays in use',
      'error fault: network.yaml:2:1: error[S64-C002]: unknown key "prefx"',
      'error fault: network.yaml:9:3: error[S64-C009]: no container "x"',
      'error fault: ... and 3 more',
    ])
    expect(entries[0]?.fields).toEqual({ code: 'S64-C002', in_use: 'last-good', faults: 3 })
    expect(entries[2]?.fields).toEqual({ code: 'S64-C009' })
  })
})

describe('other events', () => {
  test.each<[ControllerEvent, readonly string[]]>([
    [{ type: 'started', version: '1.2.3' }, ['info started: started']],
    [{ type: 'monitor', name: 'nft', up: true }, ['info monitor-up: nft monitor runs']],
    [{ type: 'monitor', name: 'ip', up: false }, ['warning monitor-down: ip monitor ended']],
    [
      { type: 'monitor', name: 'ip', up: false, problem: { code: 'S64-W002', message: 'killed' } },
      ['warning monitor-down: killed'],
    ],
    [{ type: 'stopping', signal: 'SIGTERM' }, ['info stopping: stopping; what is set up stays']],
    [{ type: 'pass-begun', trigger: 'ip', wish: { trigger: 'ip' }, whole: true }, []],
    [{ type: 'observed', known: false, plan: plan() }, []],
    [{ type: 'command', tool: 'ip', seconds: 1, ok: false }, []],
  ])('%j', (event, expected) => {
    expect(heads(entriesOf(event))).toEqual(expected)
  })
})
