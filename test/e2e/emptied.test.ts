import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { NO_INTERVAL } from './controller-edits.ts'
import { converged, fileOf, startController } from './controller-fixtures.ts'
import { container, expectExit, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const
let lab: Lab

beforeAll(async () => {
  lab = await createLab({ containers: [...NAMES] })
  await lab.serve('a', '443/tcp')
})

afterAll(async () => lab?.destroy())

function yaml(names: readonly string[] = NAMES, more: Partial<Config> = {}): string {
  const containers = Object.fromEntries(
    NAMES.flatMap((name, at) =>
      names.includes(name) ? [[name, container(lab, name, at + 2, { expose: ['443/tcp'] })]] : [],
    ),
  )
  return networkYaml({ containers, ...more })
}

async function isServed(): Promise<boolean> {
  return (await lab.tcp('internet', `${IPV6}1:2`, 443)).startsWith('a:443')
}

const EMPTY: readonly (readonly [string, () => string])[] = [
  ['an empty map', () => yaml([])],
  ['no key', () => yaml([]).replace(/,?\s*"containers": \{\}/, '')],
]

describe('a file without a container, where some are served', () => {
  beforeAll(async () => {
    await reconcile(lab, yaml())
  })

  it.each(EMPTY)(
    '(%s) is refused, with the way out, and what runs stays and is healed',
    async (_what, text) => {
      const planned = await lab.slash64(['plan'], { yaml: text() })
      expectExit(planned, 4)
      expect(planned.stderr).toMatch(/S64-G002[^]*--allow-empty/)
      await lab.must('host', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'])
      expectExit(await lab.slash64(['reconcile', '--once']), 4)
      expect(await isServed()).toBe(true)
      expectExit(await lab.slash64(['reconcile', '--once']), 4)
      expect(await isServed()).toBe(true)
    },
  )

  it('is refused also where it was forgotten what was accepted; nothing is changed then', async () => {
    rmSync(join(lab.stateDirectory, 'accepted.json'), { force: true })
    const refused = await lab.slash64(['reconcile', '--once'], { yaml: yaml([]) })
    expectExit(refused, 4)
    expect(refused.stderr).toContain('S64-G002')
    expect(await isServed()).toBe(true)
  })

  it('is applied where somebody says so, once and for all', async () => {
    await reconcile(lab, yaml())
    expectExit(await lab.slash64(['reconcile', '--once', '--allow-empty'], { yaml: yaml([]) }), 0)
    expect(await isServed()).toBe(false)
    expectExit(await lab.slash64(['reconcile', '--once']), 0)
    expect((await plan(lab)).changes).toEqual([])
  })
})

describe('a file that takes much away', () => {
  it('is applied but for the deletions, until somebody says so', async () => {
    await reconcile(lab, yaml())
    const some = yaml(['a', 'b'], {
      nat: { source: 'snat', forwards: [{ listen: '2222/tcp', to: 'a:443' }] },
    })
    for (let time = 0; time < 2; time += 1) {
      const refused = await lab.slash64(['reconcile', '--once'], { yaml: some })
      expectExit(refused, 4)
      expect(refused.stderr).toMatch(/S64-G003\]: 4 of 6 containers[^]*--allow-deletes/)
    }
    const set = ['nft', 'list', 'set', 'inet', 'slash64', 'exposed6']
    expect(await lab.must('host', set)).toContain(`${IPV6}1:7`)
    expect(await lab.must('host', ['nft', 'list', 'map', 'inet', 'slash64', 'forwards4'])).toContain('2222')
    expectExit(await lab.slash64(['reconcile', '--once', '--allow-deletes']), 0)
    expect(await lab.must('host', set)).not.toContain(`${IPV6}1:7`)
    expect((await plan(lab)).changes).toEqual([])
  })

  it('so it is where the file has its own measure', async () => {
    const limited = (names: readonly string[]) => yaml(names, { policy: { maxDeletes: 2 } })
    await reconcile(lab, limited(NAMES))
    expectExit(await lab.slash64(['reconcile', '--once'], { yaml: limited(['a']) }), 4)
    expectExit(await lab.slash64(['reconcile', '--once', '--allow-deletes']), 0)
    expect((await plan(lab)).changes).toEqual([])
  })

  it('three at a time, or a rename of all, are no more than usual', async () => {
    await reconcile(lab, yaml(NAMES))
    await reconcile(lab, yaml(['a', 'b', 'c']))
    await reconcile(lab, yaml(NAMES))
    await reconcile(lab, yaml(NAMES).replaceAll(/^ {4}"([a-f])":/gm, '    "$1-new":'))
    await reconcile(lab, yaml(NAMES))
    expect((await plan(lab)).changes).toEqual([])
  })
})

it('a controller refuses an emptied file, heals what runs, and goes on with a right one', async () => {
  const controller = startController(lab, yaml(), { args: NO_INTERVAL })
  await converged(controller)
  writeFileSync(fileOf(lab), yaml([]))
  await controller.says(/S64-G002/)
  await lab.must('host', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'])
  expect(await eventually(isServed)).toBe(true)
  expect((await controller.status()).errors.map(({ code }) => code)).toContain('S64-G002')
  expect((await controller.status()).state).not.toBe('converged')
  writeFileSync(fileOf(lab), yaml(['a', 'b', 'c', 'd']))
  await converged(controller)
  expect(await isServed()).toBe(true)
  expect((await controller.status()).errors).toEqual([])
  await controller.stop()
})
