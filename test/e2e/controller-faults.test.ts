import { mkdirSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { edits, isCalledValid, looksAgain, NO_INTERVAL, type Edits } from './controller-edits.ts'
import { converged, fileOf, startController, sumOf, type RunningController } from './controller-fixtures.ts'
import { HOST, IPV6 } from './fixtures.ts'

let lab: Lab
let controller: RunningController
let edit: Edits
let file = ''

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
  file = fileOf(lab)
  await lab.serve('blog', '22/tcp')
  controller = startController(lab, edit.next(), { args: NO_INTERVAL })
  await converged(controller)
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

interface Fault {
  readonly name: string
  readonly says: RegExp
  readonly make: () => void
  readonly mend?: () => void
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a wrong value',
    says: /network\.yaml:\d+:\d+: .*nonsense/,
    make: () => writeFileSync(file, edit.last().replace('snat', 'nonsense')),
  },
  { name: 'no YAML', says: /network\.yaml:1:\d+: /, make: () => writeFileSync(file, '{ "a": ') },
  { name: 'an empty file', says: /network\.yaml:1:1: .*empty/, make: () => writeFileSync(file, '') },
  {
    name: 'nothing but a comment',
    says: /network\.yaml:1:1: .*empty/,
    make: () => writeFileSync(file, '# later\n'),
  },
  { name: 'a removed file', says: /network\.yaml/, make: () => unlinkSync(file) },
  {
    name: 'a directory in its place',
    says: /network\.yaml/,
    make: () => {
      unlinkSync(file)
      mkdirSync(file)
    },
    mend: () => rmdirSync(file),
  },
  {
    name: 'a symbolic link to nowhere',
    says: /network\.yaml/,
    make: () => edit.link('/nonexistent/network.yaml'),
    mend: () => unlinkSync(file),
  },
]

describe('a file that is not right: the last good one stays in force', () => {
  it.each(FAULTS)('$name', async ({ says, make, mend }) => {
    // All that the file before has changed is told.
    await looksAgain(controller)
    const told = controller.lines().length
    make()
    expect(await isCalledValid(controller, 0)).toBe(true)
    const { errors } = await controller.status()
    expect(errors).toEqual([expect.objectContaining({ code: 'S64-W001' })])
    expect(errors[0]?.message).toMatch(says)
    await expectHealing()
    const said = controller.lines().slice(told)
    expect(said.filter((line) => line.includes('is not valid'))).toHaveLength(1)
    expect(said.filter((line) => line.includes(' deleted '))).toEqual([])
    const settled = async () =>
      sumOf(await controller.get('/metrics'), 'slash64_convergence_duration_seconds_count')
    const before = await settled()
    mend?.()
    writeFileSync(file, edit.next())
    expect(await edit.isInForce()).toBe(true)
    expect(await eventually(async () => (await settled()) === before + 1)).toBe(true)
    expect(await isCalledValid(controller, 1)).toBe(true)
    expect(await controller.status()).toMatchObject({ state: 'converged', errors: [] })
  })
})

/** Traffic goes on, and drift is healed. */
async function expectHealing(): Promise<void> {
  expect(await lab.tcp('internet', HOST, 2222)).toContain('blog')
  await lab.must('host', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'])
  await lab.must('host', ['ip', '-6', 'route', 'del', `${IPV6}1:3`, 'dev', 'br-ct'])
  expect(await edit.isInForce()).toBe(true)
  const route = async () => lab.must('host', ['ip', '-6', 'route', 'show', `${IPV6}1:3`])
  expect(await eventually(async () => (await route()).includes('br-ct'))).toBe(true)
}

describe('a start with a file that is not right', () => {
  it('holds to the last good one of the state directory', async () => {
    await lab.must('host', ['nft', 'flush', 'ruleset'])
    await startAgain('containers: [\n')
    expect(await edit.isInForce()).toBe(true)
    expect(await isCalledValid(controller, 0)).toBe(true)
    const isTold = async () =>
      (await controller.status()).errors?.map(({ code }) => code).join() === 'S64-W001'
    expect(await eventually(isTold)).toBe(true)
    expect(await lab.tcp('internet', HOST, 2222)).toContain('blog')
    writeFileSync(file, edit.next())
    expect(await edit.isInForce()).toBe(true)
    expect(await isCalledValid(controller, 1)).toBe(true)
  })

  it('without one, ends with 78 and says every fault', async () => {
    await controller.stop()
    rmSync(lab.stateDirectory, { recursive: true })
    await startAgain(edit.last().replace('snat', 'nonsense').replace('on-link', 'nowhere'))
    expect(await controller.exit).toBe(78)
    expect(controller.log()).toMatch(/network\.yaml:\d+:\d+: error\[S64-\w+\].*nonsense/)
    expect(controller.log()).toMatch(/network\.yaml:\d+:\d+: error\[S64-\w+\].*nowhere/)
  })

  it('without one, and without a file, ends with 78 as well', async () => {
    unlinkSync(file)
    await startAgain(undefined)
    expect(await controller.exit).toBe(78)
    expect(controller.log()).toMatch(/network\.yaml.*no such file|network\.yaml.*not there/i)
  })
})

async function startAgain(yaml: string | undefined): Promise<void> {
  await controller.stop()
  controller = startController(lab, yaml, { args: NO_INTERVAL })
}
