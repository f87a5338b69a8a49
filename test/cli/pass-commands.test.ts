import { describe, expect, test } from 'vitest'
import { SystemError } from '../../src/system/errors.ts'
import { change, DELETE, pass, plan, UPDATE } from '../report/samples.ts'
import { slash64 } from './support.ts'

const changes = [change()]
const done = pass({ plan: plan({ changes }), applied: changes, remaining: plan() })

describe('reconcile --once', () => {
  test('prints the plan and what came of it', async () => {
    const { out, err } = await slash64(['reconcile', '--once'], { reconcile: done })
    expect(out).toMatch(/^ {2}\+ proxy-neighbour /)
    expect(out).toMatch(/Applied 1 of 1 change: the host is what network\.yaml says\.\n$/)
    expect(err).toBe('')
  })

  test('says who holds the lock, and claims nothing about the host', async () => {
    const refused = pass({ plan: plan({ known: false }), lockedBy: 'slash64 reconcile, process 7' })
    const { out, err } = await slash64(['reconcile', '--once'], { reconcile: refused })
    expect(out).toBe('')
    expect(err).toContain('another instance is at work on this host: slash64 reconcile, process 7')
    // A controller ends of itself never: to wait is no way out.
    expect(err).toContain('a controller (systemctl status slash64.service) makes the passes itself')
  })

  test('says why it was refused when changes are held back', async () => {
    const { err } = await slash64(['reconcile', '--once'], {
      reconcile: pass({ plan: plan({ heldBack: [DELETE] }) }),
    })
    expect(err).toMatch(/^error\[S64-G001\]: 1 change held back by the policy/)
  })

  test('-o json has what was applied and what is left', async () => {
    const partly = pass({
      plan: plan({ changes: [change(), UPDATE] }),
      applied: changes,
      failed: [{ code: 'S64-A001', message: 'm', resource: 'bridge-port vblog' }],
      remaining: plan({ changes: [UPDATE] }),
    })
    const { out, err } = await slash64(['reconcile', '--once', '-o', 'json'], { reconcile: partly })
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({
      hasChanges: true,
      summary: { create: 1, update: 1 },
      applied: 1,
      converged: false,
      remaining: [{ kind: 'bridge-port', key: 'vblog', action: 'update' }],
      errors: [{ code: 'S64-A001', message: 'm', resource: 'bridge-port vblog' }],
    })
  })

  test('writes metrics after the pass', async () => {
    const argv = ['reconcile', '--once', '--metrics-textfile', '/m/slash64.prom']
    const { calls, files } = await slash64(argv, { reconcile: done })
    expect(calls.slice(2)).toEqual([
      'reconcile eth0',
      'readFile /m/slash64.prom',
      'writeFile /m/slash64.prom',
    ])
    expect(files.get('/m/slash64.prom')).toContain('\nslash64_reconcile_duration_seconds 0.5\n')
    expect(files.get('/m/slash64.prom')).toContain(
      'slash64_build_info{version="1.2.3",node_version="20.20.2"} 1\n',
    )
  })

  test('fails, but shows the pass, when the metrics cannot be written', async () => {
    const error = new SystemError({ code: 'denied', subject: '/m/slash64.prom', detail: 'EACCES' })
    const argv = ['reconcile', '--once', '--metrics-textfile', '/m/slash64.prom']
    const { code, out, err } = await slash64(argv, { reconcile: done, fails: { writeFile: error } })
    expect(code).toBe(1)
    expect(out).toContain('Applied 1 of 1 change')
    expect(err).toBe('slash64: the metrics were not written: /m/slash64.prom: EACCES\n')
  })

  test('leaves the metrics of the one that holds the lock alone', async () => {
    const argv = ['reconcile', '--once', '--metrics-textfile', '/m/slash64.prom']
    const { files } = await slash64(argv, { reconcile: pass({ lockedBy: 'x' }) })
    expect(files.has('/m/slash64.prom')).toBe(false)
  })
})

describe('teardown', () => {
  const planTeardown = pass({ plan: plan({ changes: [DELETE] }) })
  const teardown = pass({
    plan: plan({ changes: [DELETE] }),
    applied: [DELETE],
    remaining: plan({ inSync: 0 }),
  })

  test('without a terminal it names --yes, and looks at nothing', async () => {
    const { code, out, err, calls } = await slash64(['teardown'])
    expect({ code, out, calls }).toEqual({ code: 64, out: '', calls: [] })
    expect(err).toContain('--yes')
  })

  test('with --yes it does not ask, and does its work beside a file that is wrong', async () => {
    const { code, out, calls } = await slash64(['teardown', '--yes'], {
      teardown,
      files: { 'network.yaml': 'BAD' },
    })
    expect(code).toBe(0)
    expect(calls.slice(1)).toEqual(['readFile network.yaml', 'teardown'])
    expect(out).toMatch(/Applied 1 of 1 change: nothing of ours is left\.\n$/)
  })

  test('shows the plan once, asks, and does it when told so', async () => {
    const { code, out, calls } = await slash64(['teardown'], { planTeardown, teardown, answer: true })
    expect(code).toBe(0)
    expect(calls.slice(1)).toEqual([
      'readFile network.yaml',
      'planTeardown',
      'ask Remove what is listed (1 change)? [y/N] ',
      'teardown',
    ])
    expect(out.match(/Plan: /g)).toHaveLength(1)
    expect(out).toContain('Applied 1 of 1 change')
  })

  test('does nothing when told no', async () => {
    const { code, err, calls } = await slash64(['teardown'], { planTeardown, answer: false })
    expect(code).toBe(4)
    expect(err).toBe('slash64: nothing was removed\n')
    expect(calls).not.toContain('teardown')
  })

  test('does not ask when nothing is there', async () => {
    const { code, out, calls } = await slash64(['teardown'], { planTeardown: pass(), answer: true })
    expect({ code, out }).toEqual({
      code: 0,
      out: 'Nothing to remove: nothing on this host bears our mark (41 in sync, 2 foreign).\n',
    })
    expect(calls.slice(1)).toEqual(['readFile network.yaml', 'planTeardown'])
  })

  test.each([[['-o', 'json']], [['-q']]])('never asks about what it did not show: %j', async (options) => {
    const { err } = await slash64(['teardown', ...options], { planTeardown, teardown, answer: true })
    expect(err).toContain('Plan: 0 to create, 0 to update, 1 to delete.')
  })

  test('keeps stdout for what was asked for', async () => {
    const stage = { planTeardown, teardown, answer: true }
    expect((await slash64(['teardown', '-q'], stage)).out).toBe('')
    const { out } = await slash64(['teardown', '-o', 'json'], stage)
    expect(JSON.parse(out)).toMatchObject({ applied: 1, converged: true })
  })
})
