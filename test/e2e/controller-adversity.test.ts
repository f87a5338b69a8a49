import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, mustRun, sleep } from '../lab/process.ts'
import { millisecondsOf, unit } from '../support/unit.ts'
import { looksAgain, NO_INTERVAL } from './controller-edits.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { container, IPV6, networkYaml } from './fixtures.ts'

let lab: Lab
let controller: RunningController

beforeEach(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  const containers = { blog: container(lab, 'blog', 2, { expose: ['80/tcp'] }), db: container(lab, 'db', 3) }
  // In a mount namespace of its own: what stands in its /run alone disturbs nobody who reads names beside it.
  const wrap = ['unshare', '--mount', '--propagation', 'slave']
  controller = startController(lab, networkYaml({ containers }), { args: NO_INTERVAL, wrap })
  await converged(controller)
})

afterEach(async () => {
  controller.signal('SIGKILL')
  await controller.exit
  await lab.destroy()
})

async function flush(): Promise<void> {
  await lab.must('host', ['nft', 'flush', 'ruleset'])
}

/** Whether what guards the bridge is there again, in time. */
async function isGuarded(): Promise<boolean> {
  return eventually(async () => {
    const { stdout } = await lab.run('host', ['nft', 'list', 'table', 'inet', 'slash64'])
    return /chain guard \{[^}]*drop/.test(stdout) && /set bridges \{[^}]*"br-ct"/.test(stdout)
  })
}

describe('words that anybody may put where we read', () => {
  it('an alias with control bytes on the host keeps nothing from being healed', async () => {
    await lab.must('host', ['ip', 'link', 'add', 'cx', 'alias', 'prod \u001b[1mbold\u0001', 'type', 'bridge'])
    await flush()
    expect(await isGuarded()).toBe(true)
    controller.signal('SIGHUP')
    expect(await eventually(async () => (await controller.status()).state === 'converged')).toBe(true)
  })

  it('an interface with a control byte inside a container neither', async () => {
    await lab.must('blog', ['ip', 'link', 'add', '\u001bq', 'type', 'veth', 'peer', 'name', 'qq'])
    await looksAgain(controller)
    await flush()
    expect(await isGuarded()).toBe(true)
    expect((await controller.status()).errors).toEqual([])
  })

  it('a namespace that hangs whoever enters it holds up nobody for long', async () => {
    const [name, pipe] = [`/run/netns/${lab.namespace('db')}`, join(lab.directory, 'pipe')]
    const within = ['nsenter', `--mount=/proc/${controller.pid}/ns/mnt`]
    await mustRun(['mkfifo', pipe])
    await mustRun([...within, 'mount', '--bind', pipe, name])
    // It goes with the controller.
    controller.signal('SIGHUP')
    const { errors } = await eventuallyErrors('S64-H005')
    expect(errors.some(({ message }) => message.includes(lab.namespace('db')))).toBe(true)
    await flush()
    // A look at everything may be waiting for it, 3 s at most; one for the firewall does not.
    expect(await isGuarded()).toBe(true)
  })
})

async function eventuallyErrors(code: string) {
  const has = async () => (await controller.status()).errors.some((error) => error.code === code)
  expect(await eventually(has)).toBe(true)
  return controller.status()
}

describe('the guard stays', () => {
  it.each([
    ['loses its marks', [['ip', 'link', 'set', 'br-ct', 'alias', '', 'group', '5']]],
    [
      'is made anew by somebody',
      [
        ['ip', 'link', 'delete', 'br-ct'],
        ['ip', 'link', 'add', 'br-ct', 'type', 'bridge'],
      ],
    ],
  ])('on a bridge that %s', async (_what, commands) => {
    // Together, so that no pass comes in between.
    await lab.must('host', [
      'sh',
      '-c',
      commands.map((words) => words.map((word) => `'${word}'`).join(' ')).join('; '),
    ])
    await looksAgain(controller)
    const { stdout } = await lab.run('host', ['nft', 'list', 'set', 'inet', 'slash64', 'bridges'])
    expect(stdout).toContain('"br-ct"')
  })

  it('and comes back where the upstream interface is gone', async () => {
    await lab.ip('host', 'link set eth0 down', 'link set eth0 name wan0', 'link set wan0 up')
    await eventuallyErrors('S64-H010')
    await flush()
    expect(await isGuarded()).toBe(true)
    await lab.ip('host', 'link set wan0 down', 'link set wan0 name eth0', 'link set eth0 up')
    const isBack = async () =>
      (await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).includes(`${IPV6}1:2 dev eth0`)
    expect(await eventually(isBack)).toBe(true)
  })

  it('against somebody who empties the table again and again', async () => {
    const before = await unit()
    const times: number[] = []
    for (let round = 0; round < 25; round += 1) {
      await lab.must('host', ['nft', 'flush', 'table', 'inet', 'slash64'])
      times.push(await millisecondsOf(async () => expect(await isGuarded()).toBe(true)))
    }
    // As soon as nobody fights: who takes other things away again and again has them put right ever later.
    expect(Math.max(...times) / Math.max(before, await unit())).toBeLessThan(30)
    expect((await controller.status()).errors.map(({ code }) => code)).toContain('S64-W003')
  })
})

it('opens no debugger to whoever sends SIGUSR1', async () => {
  controller.signal('SIGUSR1')
  await looksAgain(controller)
  const { stdout } = await lab.run('host', ['ss', '-H', '-ltn', 'sport = :9229'])
  expect(stdout).toBe('')
  expect(controller.log()).not.toContain('Debugger')
})

it('short of file descriptors it fails and goes on', async () => {
  await mustRun(['prlimit', '--pid', `${controller.pid}`, '--nofile=24:'])
  await flush()
  await sleep(500)
  await mustRun(['prlimit', '--pid', `${controller.pid}`, '--nofile=1024:'])
  expect(await isGuarded()).toBe(true)
})
