import { describe, expect, it } from 'vitest'
import { faultyFileEvent, fileEvent, passEvent } from '../events.ts'
import { change, DELETE, plan, UPDATE } from '../samples.ts'
import { heard, recorder } from './support.ts'

const PROBLEM = { code: 'S64-A001', message: 'ip -batch:\nError: x', resource: 'route a' }

describe('what is remembered', () => {
  it('has the monotonic time of each, and one moment by both clocks', () => {
    const one = recorder()
    one.after(0, { type: 'started', version: '1.2.3' })
    one.after(250.06, { type: 'stopping', signal: 'SIGTERM' })
    one.after(1_000)
    expect(one.recording()).toEqual({
      formatVersion: '1.0',
      controller: { version: '1.2.3', process: 4711 },
      clock: { at: 2_250.1, time: new Date(1_800_000_002_250).toISOString() },
      forgotten: 0,
      events: [
        { at: 1_000, what: 'started', version: '1.2.3' },
        { at: 1_250.1, what: 'stopping', signal: 'SIGTERM' },
      ],
    })
  })

  it('says by which line a wish came up, and when it is due', () => {
    const one = recorder()
    one.after(0, heard('[ROUTE]Deleted 10.0.0.0/24\u001b[2J dev x'), heard('delete table', 'nft'), {
      type: 'wished',
      wish: { trigger: 'ip', topics: new Set(['link', 'link eth0'] as const), lost: new Set(['eth0']) },
      heard: {
        name: 'lxc',
        program: 'lxc-monitor -P /x blog',
        line: 'Dump was interrupted',
        complaint: true,
      },
      dueIn: -3,
    })
    one.after(0, { type: 'wished', wish: { trigger: 'signal' }, dueIn: 0 })
    expect(one.told()).toEqual([
      {
        what: 'heard',
        monitor: 'ip',
        line: '[ROUTE]Deleted 10.0.0.0/24\\x1b[2J dev x',
        trigger: 'ip',
        topics: ['route'],
        due: 5,
      },
      {
        what: 'heard',
        monitor: 'nft',
        line: 'delete table',
        trigger: 'nft',
        topics: ['firewall'],
        by: 'process 7 (nft)',
        due: 5,
      },
      {
        what: 'complaint',
        monitor: 'lxc-monitor -P /x blog',
        line: 'Dump was interrupted',
        trigger: 'ip',
        topics: ['link', 'link eth0'],
        lost: ['eth0'],
        due: -3,
      },
      { what: 'wish', trigger: 'signal', topics: 'everything', due: 0 },
    ])
  })

  it('tells a pass from its beginning to what it left', () => {
    const one = recorder()
    const changes = [change(), UPDATE, DELETE]
    const wish = { trigger: 'ip', topics: new Set(['route'] as const) } as const
    one.after(0, { type: 'pass-begun', trigger: 'ip', wish, whole: false, beside: 'whole' })
    one.after(0, { type: 'observed', known: true, plan: plan({ changes }) })
    const reads = [
      { made: new Set(['routes4', 'routes6']), known: 40 },
      { made: new Set(['routes4', 'routes6', 'links']), known: 40 },
    ]
    const pass = { applied: changes.slice(0, 2), failed: [PROBLEM], remaining: plan({ changes: [DELETE] }) }
    const phases = { observe: 0.01234, apply: 0.5, verify: 1 }
    one.after(0, passEvent({ trigger: 'ip', whole: false, result: 'error', phases, reads, pass, dueIn: 100 }))
    const first = [change(), UPDATE, DELETE].map(
      ({ action, kind, key }) => `${{ create: '+', update: '~', delete: '-' }[action]} ${kind} ${key}`,
    )
    expect(one.told()).toEqual([
      { what: 'pass-begun', whole: false, beside: 'whole', trigger: 'ip', topics: ['route'] },
      { what: 'plan', known: true, changes: 3, first },
      { what: 'reads', of: 'look', made: 2, takenOver: 38, ids: ['routes4', 'routes6'] },
      { what: 'reads', of: 'verify', made: 3, takenOver: 37, ids: ['routes4', 'routes6', 'links'] },
      { what: 'applied', changes: 2, first: first.slice(0, 2) },
      { what: 'failed', code: 'S64-A001', message: 'ip -batch:\\nError: x', resource: 'route a' },
      { what: 'left', changes: 1, first: first.slice(2) },
      {
        what: 'pass',
        result: 'error',
        trigger: 'ip',
        whole: false,
        observe: 12.3,
        apply: 500,
        verify: 1_000,
        due: 100,
      },
    ])
  })

  it('tells of all that stands around a pass', () => {
    const one = recorder()
    one.after(
      0,
      fileEvent(),
      faultyFileEvent(),
      { type: 'interrupt', by: 'attach blog' },
      { type: 'gave-way', trigger: 'interval' },
      { type: 'attach', container: 'blog', ok: false, applied: 1, problems: [PROBLEM], seconds: 0.2 },
      { type: 'monitor', name: 'nft', up: false, problem: PROBLEM, routine: true },
      { type: 'unheard', problem: PROBLEM },
      { type: 'command', tool: 'ip', seconds: 3.01, ok: false },
      {
        type: 'command',
        tool: 'nft',
        seconds: 30,
        ok: false,
        command: 'nft -f x',
        evidence: ['7 (nft) D pipe_read'],
      },
      { type: 'late', tool: 'ip', command: 'ip -n blog link', seconds: 3.2, allowed: 3 },
    )
    expect(one.told()).toMatchObject([
      { what: 'file', valid: true },
      { what: 'file', valid: false, inUse: 'last-good', code: 'S64-C002' },
      { what: 'interrupt', by: 'attach blog' },
      { what: 'gave-way', trigger: 'interval' },
      { what: 'attach', container: 'blog', ok: false, applied: 1, took: 200, problems: ['S64-A001'] },
      { what: 'monitor', monitor: 'nft', up: false, routine: true, code: 'S64-A001' },
      { what: 'unheard', code: 'S64-A001' },
      { what: 'command', tool: 'ip', ok: false, took: 3_010 },
      { what: 'command', tool: 'nft', took: 30_000, command: 'nft -f x', evidence: ['7 (nft) D pipe_read'] },
      { what: 'late', tool: 'ip', took: 3_200, allowed: 3_000, command: 'ip -n blog link' },
    ])
  })

  it('keeps what was late, and what was seen of a program that was killed', () => {
    const one = recorder()
    const evidence = Array.from(
      { length: 9 },
      (_, n) => `ip, process ${n}: state S; stack ${'x'.repeat(900)}`,
    )
    one.after(
      0,
      { type: 'late', tool: 'ip', command: 'ip -n c1', seconds: 5.2, allowed: 3 },
      { type: 'command', tool: 'ip', seconds: 3, ok: false, command: 'ip -n c1', evidence },
    )
    const seen = evidence.slice(0, 4).map((line) => `${line.slice(0, 399)}…`)
    expect(one.told()).toMatchObject([
      { what: 'late', tool: 'ip', command: 'ip -n c1', took: 5200, allowed: 3000 },
      { what: 'command', tool: 'ip', ok: false, command: 'ip -n c1', evidence: seen },
    ])
  })

  it('has no place for commands that did their work', () => {
    const one = recorder()
    one.after(0, { type: 'command', tool: 'ip', seconds: 0.003, ok: true })
    expect(one.told()).toEqual([])
  })
})

describe('a storm of lines', () => {
  it('leaves what was before it, its begin, its newest line, and how many there were', () => {
    const one = recorder()
    one.after(0, { type: 'started', version: '1' }, heard('x', 'nft'))
    for (let line = 0; line < 5_000; line += 1) one.after(1, heard(`[ROUTE]${line}`))
    one.after(0, heard('y', 'nft'))
    const { events, forgotten } = one.recording()
    expect(forgotten).toBe(0)
    expect(events[0]).toMatchObject({ what: 'started' })
    expect(events).toHaveLength(2 + 9 + 1 + 1)
    expect(events.at(-3)).toMatchObject({ line: '[ROUTE]8' })
    expect(events.at(-2)).toMatchObject({ line: '[ROUTE]4999', at: 6_000, more: 4_990 })
    expect(events.at(-1)).toMatchObject({ line: 'y' })
    expect(events.at(-1)).not.toHaveProperty('more')
  })

  it('is told line by line where others stand between', () => {
    const one = recorder()
    for (let line = 0; line < 100; line += 1) one.after(1, heard(`[ROUTE]${line}`), heard('z', 'nft'))
    expect(one.told()).toHaveLength(200)
  })
})
