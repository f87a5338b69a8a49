import { beforeEach, describe, expect, it } from 'vitest'
import { haproxyDriver } from '../../../src/drivers/haproxy/index.ts'
import type { Step } from '../../../src/engine/types.ts'
import { KINDS } from '../../../src/kinds/index.ts'
import { baseText } from '../../../src/kinds/reverse-proxy/configuration.ts'
import type { MemoryHost } from '../../../src/system/memory/host.ts'
import { freshHost } from '../../support/memory.ts'
import { PLACES, world } from '../../support/model.ts'
import { failure } from '../../support/recording-system.ts'
import { BACKEND, entry, FIRST, LOAD, MODEL, PROXY, proxyOn, ROUTE, SECTION, STOP } from './support.ts'

let host: MemoryHost
let proxy: ReturnType<typeof proxyOn>
beforeEach(() => {
  host = freshHost()
  proxy = proxyOn(host)
})

describe('the first load', () => {
  it('checks beside, puts in place, starts, and sees it answer', async () => {
    host.writes.length = 0
    await proxy.succeed(...FIRST)
    const order = host.writes.filter((write) => !write.startsWith('mkdir'))
    const at = (text: string) => order.findIndex((write) => write.includes(text))
    expect(at(`${PROXY}/next/haproxy.cfg`)).toBe(0)
    expect(at(`write ${PROXY}/haproxy.cfg`)).toBeGreaterThan(at(`${PROXY}/next/tls.map`))
    expect(at('haproxy -W -D')).toBeGreaterThan(at(`write ${PROXY}/tls.map`))
    expect(proxy.files()).toEqual(
      ['backends.cfg', 'haproxy.cfg', 'http.map', 'tls.map'].map((name) => `${PROXY}/${name}`),
    )
    expect(proxy.file('http.map')).toBe(`blog.example.org ${BACKEND.name}\n`)
    expect(await proxy.generation()).toContain('value=<')
  })

  it('refused by haproxy -c: nothing is in place, the words are told, and what was refused can be looked at', async () => {
    host.failNext(
      (command) => command.startsWith('haproxy -c'),
      failure('other', '[ALERT] parsing: no', 'haproxy -c'),
    )
    expect(await proxy.fail(...FIRST)).toContain('[ALERT] parsing: no')
    expect(proxy.files().filter((path) => !path.includes('/next/'))).toEqual([])
    expect(host.writes.filter((write) => write.startsWith('haproxy -W'))).toEqual([])
  })

  it.each([
    ['203.0.113.2', 'nginx (process 77)'],
    ['0.0.0.0', 'nginx (process 77)'],
    ['*', 'nginx (process 77)'],
  ])('port taken on %s since the plan: nothing is written', async (address, who) => {
    host.world.proxy.listeners = [{ address, port: 80, program: 'nginx', pid: 77 }]
    expect(await proxy.fail(...FIRST)).toBe(`bind 203.0.113.2 port 80: ${who} listens there`)
    expect(proxy.files()).toEqual([])
  })

  it('a listener of the other family, port or address is nobody’s business', async () => {
    host.world.proxy.listeners = [
      { address: '::', port: 80, program: 'six', pid: 78 },
      { address: '127.0.0.1', port: 80, program: 'local', pid: 79 },
    ]
    await proxy.succeed(...FIRST)
    expect(await proxy.generation()).toContain('value=<')
  })

  it('that does not start leaves nothing behind', async () => {
    host.failNext(
      (command) => command.startsWith('haproxy -W'),
      failure('other', 'cannot bind', 'haproxy -W -D'),
    )
    expect(await proxy.fail(...FIRST)).toMatch(
      /cannot bind; there is no configuration that had come up before/,
    )
    expect(proxy.files().filter((path) => !path.includes('/next/'))).toEqual([])
  })
})

describe('a later load', () => {
  const MORE: Step = {
    tool: 'haproxy',
    op: 'backend',
    name: 'http-more',
    text: 'backend http-more\n    mode http\n    server s 10.64.0.3:80 check\n',
  }

  it('reloads the same master once', async () => {
    await proxy.succeed(...FIRST)
    const [master] = host.world.proxy.instances.map(({ pid }) => pid)
    await proxy.succeed(MORE, entry('more.example', 'http-more'))
    expect(host.world.proxy.instances.map(({ pid, reloads }) => ({ pid, reloads }))).toEqual([
      { pid: master, reloads: 1 },
    ])
    expect(proxy.file('backends.cfg')).toContain('backend http-more\n')
  })

  it('that does not come up puts the last good files back, and says that they serve', async () => {
    await proxy.succeed(...FIRST)
    const before = proxy.files().map((path) => host.world.files.get(path))
    const running = await proxy.generation()
    // The preflight sees it, so it comes between the preflight and the reload.
    const check = host.run.bind(host)
    host.run = async (argv, script) => {
      const result = await check(argv, script)
      if (argv[1] === '-c')
        host.world.proxy.listeners = [{ address: '203.0.113.2', port: 443, program: 'late', pid: 9 }]
      return result
    }
    const both = { ...MODEL, routes: [{ ...ROUTE, https: 443 }] }
    const message = await proxy.fail({ tool: 'haproxy', op: 'load', text: baseText(world(both)) }, MORE)
    expect(message).toMatch(/^haproxy reload: the new worker did not start: .*; the last good/)
    expect(message).toMatch(/was put back and serves$/)
    const kept = proxy.files().filter((path) => !/\/(next|good)\//.test(path))
    expect(kept.map((path) => host.world.files.get(path))).toEqual(before)
    expect(await proxy.generation()).toBe(running)
  })

  it('that does not come up, nor what came up last, is told apart', async () => {
    await proxy.succeed(...FIRST)
    await proxy.succeed(MORE)
    host.killProxy()
    const refusal = failure('other', 'cannot bind', 'haproxy -W -D')
    for (const _ of ['new', 'last good'])
      host.failNext((command) => command.startsWith('haproxy -W'), refusal)
    const { error } = await haproxyDriver([LOAD], host)
    expect(error).toMatchObject({
      code: 'rollback-failed',
      message: expect.stringMatching(/cannot bind; the last good configuration could not be brought back: /),
    })
  })

  it('of a process that was killed starts it, and of one that lost its socket ends that first', async () => {
    await proxy.succeed(...FIRST)
    host.killProxy()
    await proxy.succeed(LOAD)
    await host.removeTree(`${PLACES.runDir}/proxy`)
    await proxy.succeed(LOAD)
    expect(host.world.proxy.instances).toHaveLength(1)
    expect(await proxy.generation()).toContain('value=<')
  })
})

describe('stop', () => {
  it('ends the process, and takes away files and sockets', async () => {
    await proxy.succeed(...FIRST)
    await proxy.succeed(STOP, { tool: 'haproxy', op: 'backend', name: BACKEND.name })
    expect(host.world.proxy.instances).toEqual([])
    expect(proxy.files()).toEqual([])
    expect([...host.world.proxy.sockets.keys()]).toEqual([])
  })

  it('of one that ran out already is fine', async () => {
    await proxy.succeed(...FIRST)
    host.killProxy()
    await proxy.succeed(STOP)
    expect(proxy.files()).toEqual([])
  })

  it('waits for requests under way, then ends what is left', async () => {
    await proxy.succeed(...FIRST)
    const [instance] = host.world.proxy.instances
    if (instance) instance.busy = true
    await proxy.succeed(STOP)
    const signals = host.writes
      .filter((write) => write.startsWith('kill'))
      .map((write) => write.split(' ')[1])
    expect(signals).toEqual(['-USR1', '-TERM'])
    expect(host.world.proxy.instances).toEqual([])
  })
})

describe('what a guard holds back', () => {
  it('stays in the files: they are made from what is there', async () => {
    await proxy.succeed(...FIRST)
    await proxy.succeed(LOAD)
    expect(proxy.file('http.map')).toBe(`blog.example.org ${BACKEND.name}\n`)
    expect(proxy.file('backends.cfg')).toContain(SECTION)
  })
})

it('the kinds of the reverse proxy are neighbours: their steps are one change', () => {
  const names = KINDS.map(({ name }) => name)
  const first = names.indexOf('reverse-proxy')
  expect(names.slice(first, first + 3)).toEqual(['reverse-proxy', 'proxy-backend', 'proxy-route'])
})
