import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { curl } from '../lab/curl.ts'
import { inNamespace, eventually } from '../lab/process.ts'
import type { Lab } from '../lab/lab.ts'
import type { WebAnswer } from '../lab/web-answer.ts'
import { HOST, networkYaml, plan, reconcile } from './fixtures.ts'
import { containersOf, createSites, expectServed, processes, route, stateFolder } from './proxy-fixtures.ts'

let lab: Lab
beforeEach(async () => {
  lab = await createSites('blog', 'shop')
})
afterEach(async () => lab.destroy())

it('an IPv4 that is gone for the moment takes nothing away, and its routes are back with it', async () => {
  const containers = containersOf(lab, 'blog')
  const yaml = networkYaml({
    upstream: { interface: 'eth0' },
    containers,
    routes: [route('blog', { ipv6: 'off' })],
  })
  await reconcile(lab, yaml)
  const before = processes(lab)
  await lab.ip('host', 'addr delete 203.0.113.2/24 dev eth0')
  const lost = await lab.slash64(['reconcile', '--once'])
  expect(lost.exitCode).toBe(1)
  expect(lost.stderr).toContain('S64-H016')
  expect(lost.stdout).not.toContain('reverse-proxy')
  expect(processes(lab)).toEqual(before)
  await lab.ip('host', 'addr add 203.0.113.2/24 dev eth0', 'route add default via 203.0.113.1')
  await reconcile(lab)
  expect(processes(lab)).toEqual(before)
  await expectServed(lab, 'blog')
})

it('a haproxy with the same words in another network namespace is nobody’s business', async () => {
  await reconcile(
    lab,
    networkYaml({ containers: containersOf(lab, 'blog', 'shop'), routes: [route('blog')] }),
  )
  // As a second slash64 in a container would start it, where every path is the same.
  const file = join(stateFolder(lab), 'haproxy.cfg')
  const config = join(lab.directory, 'nested.cfg')
  writeFileSync(
    config,
    'defaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n' +
      'frontend nested\n    bind 127.0.0.1:7777\n    http-request return status 200\n',
  )
  const mounted = 'mount --bind "$1" "$2" && exec haproxy -db -f "$2" -C /'
  const [command = '', ...args] = inNamespace(lab.namespace('shop'), [
    'unshare',
    '-m',
    'sh',
    '-c',
    mounted,
    'sh',
    config,
    file,
  ])
  const nested = spawn(command, args, { stdio: 'ignore' })
  const answers = async () => (await lab.tcp('shop', '127.0.0.1', 7777)) !== 'refused'
  try {
    expect(await eventually(answers)).toBe(true)
    const { exitCode } = await lab.slash64(['teardown', '--yes'])
    expect(exitCode).toBe(0)
    expect(await answers()).toBe(true)
    expect([nested.exitCode, nested.signalCode]).toEqual([null, null])
  } finally {
    nested.kill('SIGKILL')
  }
})

it('no client says who it is, however it spells it, nor opens a way past the proxy', async () => {
  await reconcile(lab, networkYaml({ containers: containersOf(lab, 'blog'), routes: [route('blog')] }))
  const said = [
    'X-Forwarded-For',
    'X_Forwarded_For',
    'x-forwarded-host',
    'X-Forwarded-Port',
    'X-Real-IP',
    'X_Real_IP',
    'Forwarded',
  ]
  const headers = [
    ...said.map((name) => `${name}: 6.6.6.6`),
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
    'Connection: Upgrade, HTTP2-Settings, X-Forwarded-For',
  ]
  const { body } = await curl(
    lab,
    'internet',
    HOST,
    'http://blog.example.org/',
    ...headers.flatMap((header) => ['-H', header]),
  )
  const answer: WebAnswer = JSON.parse(body)
  expect(JSON.stringify(answer.headers)).not.toContain('6.6.6.6')
  expect(answer.headers).toMatchObject({ 'x-forwarded-for': '198.51.100.10', 'x-forwarded-proto': 'http' })
  expect(Object.keys(answer.headers).filter((name) => /upgrade|http2/.test(name))).toEqual([])
  expect(answer.headers.connection ?? '').not.toMatch(/forwarded|upgrade/i)
  expect((await plan(lab)).hasChanges).toBe(false)
})
