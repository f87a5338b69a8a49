import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Lab } from '../lab/lab.ts'
import { eventually, mustRun } from '../lab/process.ts'
import { expectClearMessage, expectExit, HOST, IPV6, plan, reconcile } from './fixtures.ts'
import { LISTENER, listenForeign } from './foreign-listener.ts'
import {
  configurationText,
  createSites,
  expectServed,
  filesBelow,
  isRunning,
  processes,
  route,
  routesYaml,
  stateFolder,
  web,
  whoAnswers,
  wrapped,
} from './proxy-fixtures.ts'

let lab: Lab
let yaml: string
const ONCE = ['reconcile', '--once']
const PLACES = ['blog', 'shop']

beforeEach(async () => {
  lab = await createSites(...PLACES)
  yaml = routesYaml(lab, PLACES, [route('blog')])
})
afterEach(async () => lab.destroy())

/** Nothing of a reverse proxy was started or written, and the rest of the file stands. */
async function withoutProxy(): Promise<void> {
  expect(isRunning(lab)).toBe(false)
  expect(filesBelow(stateFolder(lab))).toEqual([])
  expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
}

describe('a port that somebody else listens on', () => {
  it.each([
    ['203.0.113.2', false],
    ['0.0.0.0', false],
    ['::', false],
    ['::', true],
  ])(
    '%s port 80 (IPv6 only: %s) is told with program and process, and stays theirs',
    async (address, only) => {
      const foreign = await listenForeign(lab, address, 80, only)
      try {
        const result = await lab.slash64(ONCE, { yaml })
        expectClearMessage(result, 1, new RegExp(`node\\b.*\\b${foreign.pid}\\b`))
        await withoutProxy()
        const open = only ? '2001:db8:1:1::2' : HOST
        expect(await lab.tcp('internet', open, 80)).toBe('foreign')
      } finally {
        await foreign.stop()
      }
      await reconcile(lab)
      await expectServed(lab, 'blog')
    },
  )

  it('of another address, or on another port, is none of ours', async () => {
    const others = [await listenForeign(lab, '127.0.0.1', 80), await listenForeign(lab, HOST, 8080)]
    await reconcile(lab, yaml)
    await expectServed(lab, 'blog')
    expect(await lab.tcp('internet', HOST, 8080)).toBe('foreign')
    for (const { stop } of others) await stop()
  })
})

describe('a HAProxy that will not do', () => {
  it('is told when it is not installed', async () => {
    const bin = join(lab.directory, 'bin')
    mkdirSync(bin)
    for (const tool of ['ip', 'nft', 'conntrack', 'nsenter', 'ss', 'ps', 'kill', 'sh'])
      symlinkSync((await mustRun(['sh', '-c', `command -v ${tool}`])).trim(), join(bin, tool))
    const result = await lab.slash64(ONCE, { yaml, wrap: ['/usr/bin/env', `PATH=${bin}`] })
    expectClearMessage(result, 1, /haproxy/)
    expect(result.stderr + result.stdout).toMatch(/install/)
    await withoutProxy()
  })

  it('is refused with the place in the file when it is too old', async () => {
    const said = 'HA-Proxy version 2.2.9-2+deb11u6 2023/12/31 - https://haproxy.org/'
    const real = (await mustRun(['sh', '-c', 'command -v haproxy'])).trim()
    const wrap = wrapped(lab, 'haproxy', `[ "$1" = -v ] && { echo '${said}'; exit 0; }; exec ${real} "$@"`)
    const result = await lab.slash64(ONCE, { yaml, wrap })
    expectClearMessage(result, 1, /network\.yaml:\d+:\d+: .*2\.6/)
    expect(result.stderr + result.stdout).toContain('2.2.9')
    await withoutProxy()
  })

  it('and does not take the new configuration leaves the old one as it was', async () => {
    await reconcile(lab, yaml)
    const [before, running] = [configurationText(lab), processes(lab)]
    const real = (await mustRun(['sh', '-c', 'command -v haproxy'])).trim()
    const words = '[ALERT]    (7) : config : parsing [backends.cfg:9] : no sense in this'
    const wrap = wrapped(
      lab,
      'haproxy',
      `[ "$1" = -c ] && { echo '${words}' >&2; exit 1; }; exec ${real} "$@"`,
    )
    const both = routesYaml(lab, PLACES, [route('blog'), route('shop')])
    const result = await lab.slash64(ONCE, { yaml: both, wrap })
    expectClearMessage(result, 1, /no sense in this/)
    expect(configurationText(lab)).toBe(before)
    expect(processes(lab)).toEqual(running)
    await expectServed(lab, 'blog')
    expect(await whoAnswers(lab, web('shop.example.org'))).toBe('421')
    await reconcile(lab)
    await expectServed(lab, 'blog', 'shop')
  })

  it('and does not start is told in its own words, and nothing is left', async () => {
    const real = (await mustRun(['sh', '-c', 'command -v haproxy'])).trim()
    const words = '[ALERT]    (7) : no start on this day'
    const wrap = wrapped(
      lab,
      'haproxy',
      `[ "$1" = -W ] && { echo '${words}' >&2; exit 1; }; exec ${real} "$@"`,
    )
    expectClearMessage(await lab.slash64(ONCE, { yaml, wrap }), 1, /no start on this day/)
    expect(isRunning(lab)).toBe(false)
    expect((await plan(lab)).hasChanges).toBe(true)
    await reconcile(lab)
    await expectServed(lab, 'blog')
  })

  it('and cannot come up after the reload serves on as before', async () => {
    await reconcile(lab, routesYaml(lab, PLACES, [route('blog', { https: 'off' })]))
    const before = configurationText(lab)
    const stop = await takePortAfterCheck()
    const both = routesYaml(lab, PLACES, [route('blog'), route('shop')])
    const result = await lab.slash64(ONCE, { yaml: both, wrap: stop.wrap })
    try {
      expect(result.exitCode).toBe(3)
      expectClearMessage(result, result.exitCode, /443/)
      expect(await eventually(async () => (await whoAnswers(lab, web('blog.example.org'))) === 'blog')).toBe(
        true,
      )
      expect(configurationText(lab)).toBe(before)
      expect(await lab.tcp('internet', HOST, 443)).toBe('foreign')
    } finally {
      stop.foreign()
    }
    await reconcile(lab)
    await expectServed(lab, 'blog', 'shop')
    expectExit(await lab.slash64(['plan', '--detailed-exitcode']), 0)
  })
})

/** Between the check, which finds no fault, and the reload, somebody else takes port 443. */
async function takePortAfterCheck(): Promise<{
  readonly wrap: readonly string[]
  readonly foreign: () => void
}> {
  const real = (await mustRun(['sh', '-c', 'command -v haproxy'])).trim()
  const [program, pid] = ['listener.cjs', 'listener.pid'].map((name) => join(lab.directory, name))
  await mustRun(['tee', String(program)], {
    input: LISTENER.replace('slice(1)', 'slice(2)').replace(/process\.stdin.*/, ''),
  })
  const start = `${process.execPath} ${program} ${HOST} 443 >${pid}.said 2>&1 </dev/null & echo $! >${pid}`
  const wait = `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s ${pid}.said ] && break; sleep 0.1; done`
  const script = `${real} "$@" || exit $?\ncase "$1 $*" in -c*) [ -e ${pid} ] || { ${start}; ${wait}; };; esac`
  const foreign = (): void => void process.kill(Number(readFileSync(String(pid), 'utf8')), 'SIGTERM')
  return { wrap: wrapped(lab, 'haproxy', script), foreign }
}
