import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findHaproxies } from '../lab/haproxies.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { expectExit, plan, reconcile } from './fixtures.ts'
import { BEHIND_ITS_BACK, RUNTIME } from './proxy-breakages.ts'
import {
  changeNames,
  configurationText,
  createSites,
  expectServed,
  isRunning,
  processes,
  route,
  routesYaml,
  say,
  stateFolder,
} from './proxy-fixtures.ts'

let lab: Lab
const PLACES = ['blog', 'shop']

beforeAll(async () => {
  lab = await createSites(...PLACES)
  const routes = [route('blog'), route('shop', { host: ['shop.example.org', '*.shop.example.org'] })]
  await reconcile(lab, routesYaml(lab, PLACES, routes))
})
afterAll(async () => lab.destroy())

/** All that slash64 did on this host, as far as it lasts: the proxy's own configuration, live and written, and the rest. */
async function everything(): Promise<string> {
  const asked = 'get var proc.slash64; show map http.map; show map tls.map; show servers state'
  const live = (await say(lab, 'admin', asked)).split('\n').map(stable).toSorted().join('\n')
  const rest = await Promise.all([
    lab.must('host', ['nft', '-s', 'list', 'ruleset']),
    lab.must('host', ['ip', '-br', 'address']),
    lab.must('host', ['ip', '-6', 'route', 'show', 'table', 'all']),
  ])
  return [live, configurationText(lab), ...rest].join('\n---\n')
}

/** Without addresses in memory; of a server's state: names, address, port and whether it is set aside. */
function stable(line: string): string {
  const cells = line.replace(/^0x[0-9a-f]+ /, '').split(' ')
  return /^\d+$/.test(cells[0] ?? '')
    ? [1, 3, 4, 6, 18].map((index) => cells[index]).join(' ')
    : cells.join(' ')
}

describe.each([...RUNTIME, ...BEHIND_ITS_BACK])('$what', ({ how, planned, live }) => {
  it('is planned alone, healed by one pass, and leaves the rest as it was', async () => {
    const [before, running] = [await everything(), processes(lab)]
    await how(lab)
    const document = await plan(lab)
    expect(document.errors).toEqual([])
    expect(sorted(changeNames(document.changes))).toEqual(
      sorted(planned).map((pattern) => expect.stringMatching(pattern)),
    )
    for (const change of document.changes) expect(['drift', 'prune']).toContain(change.cause)
    await reconcile(lab)
    expect(await everything()).toBe(before)
    expect(live === true ? processes(lab) : running).toEqual(running)
    await expectServed(lab, 'blog', 'shop')
    await expectSettled()
  })
})

/** Changes and patterns for them in one order, whatever order they were planned in. */
function sorted<One extends string | RegExp>(all: readonly One[]): readonly One[] {
  const key = (one: One) => String(one).replaceAll(/[^a-z]/g, '')
  return all.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))
}

/** A second run changes nothing and starts nothing; of the processes that were, none is left beside the two. */
async function expectSettled(): Promise<void> {
  const settled = processes(lab)
  expectExit(await lab.slash64(['reconcile', '--once', '--detailed-exitcode']), 0)
  expect(processes(lab)).toEqual(settled)
  expect(await eventually(() => findHaproxies(stateFolder(lab)).length === 2)).toBe(true)
}

it('a reload by somebody else is no drift', async () => {
  const { master, worker } = processes(lab)
  process.kill(master, 'SIGUSR2')
  expect(await eventually(() => processes(lab).worker !== worker && isRunning(lab))).toBe(true)
  await eventually(async () =>
    say(lab, 'admin', 'get var proc.slash64').then(
      (text) => text !== '',
      () => false,
    ),
  )
  expect(await plan(lab)).toMatchObject({ hasChanges: false, errors: [] })
  await expectServed(lab, 'blog', 'shop')
  await expectSettled()
})
