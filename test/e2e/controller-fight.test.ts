import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { unit, unitsOf } from '../support/unit.ts'
import { edits, NO_INTERVAL, type Edits } from './controller-edits.ts'
import { converged, startController, sumOf, type RunningController } from './controller-fixtures.ts'
import { HOST, IPV6, plan } from './fixtures.ts'

let lab: Lab
let edit: Edits
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
  await lab.serve('blog', '22/tcp')
})

async function begin(): Promise<void> {
  controller = startController(lab, edit.next(), { args: NO_INTERVAL })
  await converged(controller)
}

afterEach(async () => {
  await controller?.stop()
})

afterAll(async () => {
  await lab?.destroy()
})

interface Somebody {
  /** Makes them leave off before they are done. */
  readonly end: () => Promise<number>
  readonly isBusy: () => boolean
  /** How often it was done. */
  readonly done: Promise<number>
}

/** Somebody who does it every so many seconds, so many times at most. */
function somebody(shell: string, times: number, pause: number): Somebody {
  let busy = true
  const stop = join(lab.directory, `stop-${performance.now()}`)
  const loop = `n=0; while [ $n -lt ${times} ] && [ ! -e ${stop} ]; do ${shell}; sleep ${pause}; n=$((n+1)); done`
  const run = lab.run('host', ['sh', '-c', `{ ${loop}; } >/dev/null 2>&1; echo $n`], { timeout: 600_000 })
  const done = run.then(({ stdout }) => Number(stdout)).finally(() => (busy = false))
  const end = async (): Promise<number> => {
    writeFileSync(stop, '')
    return done
  }
  return { isBusy: () => busy, done, end }
}

/** How many resources of a kind were changed. */
async function restores(kind: string): Promise<number> {
  const page = await controller.get('/metrics')
  const lines = page
    .split('\n')
    .filter((line) => line.includes(`kind="${kind}"`) && line.includes('result="ok"'))
  return sumOf(lines.join('\n'), 'slash64_changes_total')
}

describe('somebody who takes away what is put right', () => {
  it('is named, and restores become rare, while other drift is healed at once', async () => {
    await begin()
    const element = `${IPV6}1:2 . tcp . ${edit.port()}`
    const before = await restores('exposure')
    const rival = somebody(`nft delete element inet slash64 exposed6 '{ ${element} }'`, 10_000, 0.05)
    const resource = `exposure exposed6 ${IPV6}1:2 . 6 . ${edit.port()}`
    const line = await controller.says(/somebody else changes it/)
    expect(line).toContain(`resource="${resource}"`)
    const times = [await healed('route'), await healed('forwards4'), await healed('forwarding')]
    const { errors, state } = await controller.status()
    expect(state).toBe('degraded')
    expect(errors).toEqual([expect.objectContaining({ code: 'S64-W003', resource })])
    expect(errors[0]?.message).toMatch(/^process \d+ \(nft\)/)
    expect(await controller.metric('slash64_contended_resources')).toBe(1)
    expect(rival.isBusy()).toBe(true)
    const attempts = await rival.end()
    expect((await restores('exposure')) - before).toBeLessThanOrEqual(Math.max(8, attempts / 5))
    expect(Math.max(...times)).toBeLessThan(30)
    expect(await edit.isInForce()).toBe(true)
    expect((await plan(lab)).changes).toEqual([])
  })

  it('never keeps the firewall away', async () => {
    await begin()
    const rival = somebody('nft flush ruleset', 12, 0.2)
    const [absences, before] = [[0], await unit()]
    let since: number | undefined
    while (rival.isBusy()) {
      const { exitCode } = await lab.run('host', ['nft', 'list', 'chain', 'inet', 'slash64', 'guard'])
      since = exitCode === 0 ? undefined : (since ?? performance.now())
      if (since !== undefined) absences.push(performance.now() - since)
    }
    await rival.done
    expect(Math.max(...absences) / Math.max(before, await unit())).toBeLessThan(60)
    expect(await edit.isInForce()).toBe(true)
    const isSettled = async () => (await plan(lab)).changes.length === 0
    expect(await eventually(isSettled)).toBe(true)
    const { errors } = await controller.status()
    // Two objects were taken, not each that was in them; whichever was taken more often comes first.
    expect(errors.toSorted((one, other) => ((one.resource ?? '') < (other.resource ?? '') ? -1 : 1))).toEqual(
      ['bridge', 'inet'].map((family) =>
        expect.objectContaining({ code: 'S64-W003', resource: `nft-table ${family} slash64` }),
      ),
    )
    expect(errors[0]?.message).toMatch(/^process \d+ \(nft\)/)
    expect(await lab.tcp('internet', HOST, 2222)).toContain('blog')
  })
})

/** Drift that nobody fights over: how it is made, and what is read once it is put right. */
const DRIFT = {
  route: [
    ['ip', '-6', 'route', 'del', `${IPV6}1:3`, 'dev', 'br-ct'],
    ['ip', '-6', 'route', 'show', `${IPV6}1:3`],
    'br-ct',
  ],
  forwards4: [
    ['nft', 'flush', 'map', 'inet', 'slash64', 'forwards4'],
    ['nft', 'list', 'map', 'inet', 'slash64', 'forwards4'],
    '2222',
  ],
  forwarding: [
    ['sh', '-c', 'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'],
    ['cat', '/proc/sys/net/ipv6/conf/all/forwarding'],
    '1',
  ],
} as const

/** Makes drift; resolves to the units (starts of the program) until it is put right. */
async function healed(what: keyof typeof DRIFT): Promise<number> {
  const [make, look, right] = DRIFT[what]
  const isRight = async (): Promise<boolean> => (await lab.must('host', look)).includes(right)
  return unitsOf(async () => {
    await lab.must('host', make)
    expect(await eventually(isRight)).toBe(true)
  })
}

describe('a host on which interfaces come and go', () => {
  it('does not keep it busy', async () => {
    await begin()
    const [passes, cpu, began] = [await controller.passes(), cpuOf(controller.pid), performance.now()]
    const churn = 'ip link add chn0 type veth peer name chn1; ip link del chn0'
    const rounds = await somebody(churn, 60, 0.05).done
    const seconds = (performance.now() - began) / 1000
    // Of the two events of a round, each could be a reason for one.
    expect((await controller.passes()) - passes).toBeLessThan(rounds)
    expect((cpuOf(controller.pid) - cpu) / seconds).toBeLessThan(0.6)
    expect(await controller.status()).toMatchObject({ state: 'converged', errors: [] })
  })
})

/** Seconds of processor time that a process and its ended children have used, at 100 ticks a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  // utime, stime, cutime, cstime: 14 to 17 of proc(5), which counts from 1 and has two fields before these.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}
