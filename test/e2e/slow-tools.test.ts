import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { converged, startController, sumOf, type RunningController } from './controller-fixtures.ts'
import { slowed } from './controller-wrappers.ts'
import { container, expectClearMessage, expectExit, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'

/** Whoever is asked about a container's inside works for so many seconds before; its deadline is 3 s. */
const BUSY_INSIDE = `case "$*" in *'-batch -') timeout 5 sh -c 'while :; do :; done' ;; esac`
const PATIENT = { timeout: 120_000 }

let lab: Lab
let loops: readonly ChildProcess[] = []
let controller: RunningController | undefined

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  await reconcile(lab, yaml())
})

afterEach(async () => {
  for (const loop of loops) loop.kill('SIGKILL')
  loops = []
  controller?.signal('SIGKILL')
  await controller?.exit
  controller = undefined
})

afterAll(async () => {
  await lab?.destroy()
})

function yaml(): string {
  const containers = { blog: container(lab, 'blog', 2, { expose: ['80/tcp'] }), db: container(lab, 'db', 3) }
  return networkYaml({ containers })
}

/** On the host, in its firewall, and in both containers. */
async function disturb(): Promise<void> {
  await lab.ip('host', `neigh del proxy ${IPV6}1:2 dev eth0`, `neigh del proxy ${IPV6}1:3 dev eth0`)
  await lab.must('host', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'])
  for (const [name, number] of [
    ['blog', 2],
    ['db', 3],
  ] as const)
    await lab.ip(name, `addr del ${IPV6}1:${number}/112 dev eth0`)
}

/** What `ip` does first where it is to look into db, and nowhere else. */
function insideDb(lines: string): string {
  const inode = statSync(`/run/netns/${lab.namespace('db')}`).ino
  return `case "$* $(readlink /proc/self/ns/net)" in *'-batch - net:[${inode}]') ${lines} ;; esac`
}

describe('a tool that is slow in every container', () => {
  it.each([
    ['on a machine that has nothing else to do', 0],
    ['beside eight busy loops', 8],
  ])(
    'is waited for, %s: the pass heals all, and ends with 0',
    async (_where, count) => {
      await disturb()
      loops = Array.from({ length: count }, () =>
        spawn('timeout', ['100', 'sh', '-c', 'while :; do :; done']),
      )
      expectExit(
        await lab.slash64(['reconcile', '--once'], { env: slowed(lab, 'ip', BUSY_INSIDE), ...PATIENT }),
        0,
      )
      for (const loop of loops) loop.kill('SIGTERM')
      expect((await plan(lab)).changes).toEqual([])
    },
    240_000,
  )

  it('is told by a controller as late, once, and counted; no pass fails', async () => {
    controller = startController(lab, yaml(), {
      env: slowed(lab, 'ip', BUSY_INSIDE),
      args: ['--interval', '2s'],
    })
    await converged(controller)
    await controller.says(/warning ip took longer than 3 s: this machine is busy command=/)
    const late = async (): Promise<number> =>
      (await controller?.metric('slash64_commands_late_total{tool="ip"}')) ?? 0
    expect(await eventually(async () => (await late()) > 2)).toBe(true)
    expect(controller.lines().filter((line) => line.includes('took longer than'))).toHaveLength(1)
    const page = await controller.get('/metrics')
    expect(sumOf(page, 'slash64_command_failures_total')).toBe(0)
    expect(await controller.metric('slash64_reconcile_consecutive_failures')).toBe(0)
    expect((await controller.status()).errors).toEqual([])
  }, 240_000)
})

describe('a tool that hangs in one container', () => {
  const told = (how: string): RegExp =>
    new RegExp(`S64-H005[^]*ip -n \\S+-db [^]*did not end in time and was killed \\(${how}`)

  it.each([
    ['sleeps', 'exec sleep 600', 'sleep, process \\d+: state S'],
    ['is stopped', 'kill -STOP $$', 'ip, process \\d+: state T'],
  ])(
    'because it %s: the container is told, and everything else is healed',
    async (_how, lines, seen) => {
      await disturb()
      const env = slowed(lab, 'ip', insideDb(lines))
      const result = await lab.slash64(['reconcile', '--once'], { env, ...PATIENT })
      expectClearMessage(result, 1, told(seen))
      const inDb = new RegExp(`^container-\\S+ ${lab.namespace('db')} |${IPV6}1:3`)
      const { changes } = await plan(lab)
      expect(changes.filter(({ kind, key }) => !inDb.test(`${kind} ${key}`))).toEqual([])
      expect(changes.map(({ kind }) => kind)).toContain('container-address')
      await reconcile(lab, yaml())
    },
    120_000,
  )

  it('is told by a controller with what it waited for', async () => {
    const env = slowed(lab, 'ip', insideDb('exec sleep 600'))
    controller = startController(lab, yaml(), { env })
    await controller.says(/error \S+ -n \S+-db .*state S/)
    const line = await controller.says(/debug what was seen of .* before it was killed seen=/)
    expect(line).toMatch(/seen="[^"]*sleep, process \d+: state S/)
  }, 120_000)
})
