import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, mustRun } from '../lab/process.ts'
import { edits, NO_INTERVAL, passesFor, type Edits } from './controller-edits.ts'
import {
  argvOf,
  childrenOf,
  converged,
  fileOf,
  startController,
  type RunningController,
} from './controller-fixtures.ts'
import { HOST, IPV6 } from './fixtures.ts'

let lab: Lab
let edit: Edits
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
  controller = startController(lab, edit.next(), { args: NO_INTERVAL })
  await converged(controller)
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

/** Whether nothing differs, as the controller sees it after one more pass than now. */
async function isConverged(): Promise<boolean> {
  return eventually(async () => {
    const { state, errors } = await controller.status()
    return state === 'converged' && errors.length === 0
  })
}

describe('a monitor that is killed', () => {
  it.each([
    ['nft', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6']],
    ['ip', ['ip', 'link', 'set', 'br-ct', 'down']],
  ])('%s comes back, with a look at everything', async (name, drift) => {
    const before = await passesFor(controller, 'monitor')
    const told = controller.lines().length
    const found = childrenOf(controller.pid).filter((pid) => isMonitor(pid, name))
    expect(found).toHaveLength(1)
    for (const pid of found) process.kill(pid, 'SIGKILL')
    const restarts = `slash64_monitor_restarts_total{monitor="${name}"}`
    expect(await eventually(async () => (await controller.metric(restarts)) === 1)).toBe(true)
    const isLooked = async () => (await passesFor(controller, 'monitor')) > before
    expect(await eventually(isLooked)).toBe(true)
    expect(await controller.metric(`slash64_monitor_up{monitor="${name}"}`)).toBe(1)
    const said = controller.lines().slice(told)
    expect(said.filter((line) => line.includes('S64-W002'))).toHaveLength(1)
    expect(said.filter((line) => line.includes(`${name} monitor runs`))).toHaveLength(1)
    await lab.must('host', drift)
    expect(await edit.isInForce()).toBe(true)
    const isUp = async () => (await lab.must('host', ['ip', 'link', 'show', 'br-ct'])).includes(',UP')
    expect(await eventually(isUp)).toBe(true)
    expect(await isConverged()).toBe(true)
  })
})

describe('on a host that is set up already', () => {
  it('sees the loss of an exposure, each time', async () => {
    expect(await controller.stop()).toBe(0)
    controller = startController(lab, edit.last(), { args: NO_INTERVAL })
    await converged(controller)
    // Until the look that ends the monitors' loading: from then on nothing but their lines can tell.
    expect(await eventually(async () => (await passesFor(controller, 'monitor')) > 0)).toBe(true)
    const element = `{ ${IPV6}1:2 . tcp . ${edit.port()} }`
    for (let loss = 0; loss < 3; loss += 1) {
      await lab.must('host', ['nft', `delete element inet slash64 exposed6 ${element}`])
      expect(await edit.isInForce()).toBe(true)
    }
  })
})

function isMonitor(pid: number, name: string): boolean {
  const words = argvOf(pid)
  const isTables = words.includes('tables')
  return words[0]?.endsWith(`/${name}`) === true && words.includes('monitor') && !isTables
}

describe('what it works with', () => {
  it('makes its run directory again', async () => {
    rmSync(join(lab.directory, 'run'), { recursive: true })
    await lab.must('host', ['nft', 'flush', 'ruleset'])
    expect(await edit.isInForce()).toBe(true)
    writeFileSync(fileOf(lab), edit.next())
    expect(await edit.isInForce()).toBe(true)
    expect(await isConverged()).toBe(true)
    const socket = join(lab.directory, 'run', 'control.sock')
    expect(await eventually(() => existsSync(socket))).toBe(true)
  })

  it('works on, and says so, while the state directory cannot be written', async () => {
    const state = lab.stateDirectory
    await mustRun(['mount', '-t', 'tmpfs', '-o', 'ro', 'slash64-test', state])
    try {
      writeFileSync(fileOf(lab), edit.next())
      expect(await edit.isInForce()).toBe(true)
      await controller.says(/S64-H008/)
      const isTold = async () => (await controller.status()).errors.some(({ code }) => code === 'S64-H008')
      expect(await eventually(isTold)).toBe(true)
      await lab.must('host', ['nft', 'flush', 'ruleset'])
      expect(await edit.isInForce()).toBe(true)
    } finally {
      await mustRun(['umount', state])
    }
    writeFileSync(fileOf(lab), edit.next())
    expect(await edit.isInForce()).toBe(true)
    expect(await isConverged()).toBe(true)
  })
})

describe('a container that stops', () => {
  it('is withdrawn, and back in a second when it runs again', async () => {
    expect(await controller.stop()).toBe(0)
    controller = startController(lab, edit.next(), { args: ['--interval', '1s'] })
    await converged(controller)
    const proxied = async () =>
      (await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).includes(`${IPV6}1:2 `)
    expect(await proxied()).toBe(true)
    lab.agent('blog').stop()
    await mustRun(['ip', 'netns', 'delete', lab.namespace('blog')])
    expect(await eventually(async () => !(await proxied()))).toBe(true)
    await mustRun(['ip', 'netns', 'add', lab.namespace('blog')])
    expect(await eventually(proxied)).toBe(true)
    const answers = async () => (await lab.ping('internet', `${IPV6}1:2`)).received === 1
    expect(await eventually(answers)).toBe(true)
  })
})

describe('a start before the upstream interface is there', () => {
  it('waits, says so, and sets everything up once it appears', async () => {
    expect(await controller.stop()).toBe(0)
    await lab.slash64(['teardown', '--yes'])
    await lab.ip('host', 'link set eth0 down', 'link set eth0 name away')
    controller = startController(lab, edit.next(), { args: NO_INTERVAL })
    await controller.says(/eth0/)
    const { errors, state } = await controller.status()
    expect(state).toBe('unknown')
    expect(errors).toEqual([expect.objectContaining({ code: 'S64-H010' })])
    await lab.ip(
      'host',
      'link add eth0 type veth peer name far0',
      'link set eth0 up',
      `address add ${HOST}/24 dev eth0`,
    )
    expect(await isConverged()).toBe(true)
  })
})
