import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findHaproxies } from '../lab/haproxies.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { openWebStream } from '../lab/web.ts'
import { expectExit, HOST, plan, reconcile } from './fixtures.ts'
import {
  createSites,
  expectServed,
  filesBelow,
  isRunning,
  processes,
  route,
  routesYaml,
  runFolder,
  stateFolder,
  web,
  whoAnswers,
} from './proxy-fixtures.ts'

let lab: Lab
let usersOwn: readonly number[]
const PLACES = ['blog', 'shop']

beforeAll(async () => {
  lab = await createSites(...PLACES)
  usersOwn = await startUsersOwn()
})
afterAll(async () => lab.destroy())

/** A HAProxy that somebody else has set up, on another port. Below the lab's directory, so that it ends with the lab. */
async function startUsersOwn(): Promise<readonly number[]> {
  const folder = join(lab.directory, 'theirs')
  mkdirSync(folder)
  const file = join(folder, 'haproxy.cfg')
  const lines = ['defaults', ' mode http', ' timeout client 9s', 'frontend theirs', ` bind ${HOST}:8888`]
  writeFileSync(
    file,
    [...lines, ' http-request return status 200 content-type text/plain string theirs', ''].join('\n'),
  )
  await lab.must('host', ['haproxy', '-W', '-D', '-f', file, '-p', join(folder, 'pid')])
  expect(await eventually(() => findHaproxies(folder).length === 2)).toBe(true)
  return findHaproxies(folder).map(({ pid }) => pid)
}

async function expectTheirs(): Promise<void> {
  expect(findHaproxies(join(lab.directory, 'theirs')).map(({ pid }) => pid)).toEqual(usersOwn)
  const { stdout } = await lab.run('internet', ['curl', '-qs', '--noproxy', '*', `http://${HOST}:8888/`])
  expect(stdout).toBe('theirs')
}

/** Processes, files, sockets and ports. */
async function expectGone(): Promise<void> {
  expect(await eventually(() => !isRunning(lab))).toBe(true)
  expect(filesBelow(stateFolder(lab))).toEqual([])
  expect(filesBelow(runFolder(lab))).toEqual([])
  expect(await whoAnswers(lab, web('blog.example.org'))).toBe('refused')
  await expectTheirs()
}

it('nothing is started, read or written without a route', async () => {
  await reconcile(lab, routesYaml(lab, PLACES, []))
  await expectGone()
  expect(existsSync(stateFolder(lab))).toBe(false)
})

it('starts with the first route, and lives on without slash64', async () => {
  await reconcile(lab, routesYaml(lab, PLACES, [route('blog')]))
  const { master, worker } = processes(lab)
  expect(master).toBeGreaterThan(0)
  expect(worker).toBeGreaterThan(0)
  await expectServed(lab, 'blog')
  expect(filesBelow(stateFolder(lab))).toEqual(
    expect.arrayContaining(['haproxy.cfg', 'backends.cfg', 'http.map']),
  )
  await expectTheirs()
})

it('runs as somebody without privileges, and its sockets are for root alone', async () => {
  const { worker } = processes(lab)
  const status = await lab.must('host', ['cat', `/proc/${worker}/status`])
  // A user namespace of one user has nobody else.
  const isAlone = /^\s*0\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
  expect(status).toMatch(isAlone ? /^Uid:\t0/m : /^Uid:\t[1-9]/m)
  const modes = await lab.must('host', ['stat', '-c', '%a', join(runFolder(lab), 'admin.sock')])
  expect(modes.trim()).toBe('600')
})

it('takes another route without another master', async () => {
  const { master } = processes(lab)
  await reconcile(lab, routesYaml(lab, PLACES, [route('blog'), route('shop')]))
  expect(processes(lab).master).toBe(master)
  await expectServed(lab, 'blog', 'shop')
  await expectTheirs()
})

it('follows a container to another address without a reload', async () => {
  const running = processes(lab)
  const yaml = routesYaml(lab, PLACES, [route('blog'), route('shop')]).replaceAll('10.64.0.3', '10.64.0.33')
  await reconcile(lab, yaml)
  expect(processes(lab)).toEqual(running)
  await expectServed(lab, 'blog', 'shop')
})

it('goes with the last route', async () => {
  await reconcile(lab, routesYaml(lab, PLACES, []))
  await expectGone()
  expect(await plan(lab)).toMatchObject({ hasChanges: false, errors: [] })
})

it('ends with teardown, which does not wait for ever for a stream that still runs', async () => {
  await reconcile(lab, routesYaml(lab, PLACES, [route('blog')]))
  await expectServed(lab, 'blog')
  const stream = await openWebStream(lab, 'internet', 'slow', web('blog.example.org'))
  expectExit(await lab.slash64(['teardown', '--yes'], { timeout: 60_000 }), 0)
  expect(await eventually(async () => (await stream.probe()) === 'dead')).toBe(true)
  await expectGone()
  expect(await lab.must('host', ['nft', 'list', 'tables'])).toBe('')
})
