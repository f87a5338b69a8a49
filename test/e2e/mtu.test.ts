import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { container, forward, networkYaml, reconcile } from './fixtures.ts'

const SIZE = 300_000
/** Sends so many bytes to whoever connects, and says how many it got until the other side ended. */
const SERVER = `
const [size, ...ports] = process.argv.slice(1).map(Number)
for (const port of ports) require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {})
  socket.resume()
  socket.end(Buffer.alloc(size))
}).listen(port, '::')
setInterval(() => require('node:fs').existsSync('DIR') || process.exit(), 100)`
/** Sends as many and prints how many came. */
const CLIENT = `
const [size, port, host] = process.argv.slice(1)
let got = 0
const socket = require('node:net').connect({ host, port: Number(port), allowHalfOpen: true }, () => socket.end(Buffer.alloc(Number(size))))
socket.on('data', (data) => { got += data.length })
socket.on('error', (error) => { console.log(error.code); process.exit() })
socket.on('close', () => { console.log(got); process.exit() })
setTimeout(() => { console.log('only ' + got); process.exit() }, 20_000).unref()`

describe('an uplink with a smaller MTU, where "too big" is lost on the way', () => {
  let lab: Lab
  let servers: readonly Promise<unknown>[] = []
  const exchange = async (place: string, host: string, port: number): Promise<string> =>
    (await lab.must(place, [process.execPath, '-e', CLIENT, `${SIZE}`, `${port}`, host])).trim()

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog'] })
    // The provider's link takes 1,400 bytes; nobody hears of it: neither router nor host sends "too big" for it.
    await lab.ip('router', 'link set up0 mtu 1400')
    await lab.ip('host', 'link set eth0 mtu 1400')
    const silence = [
      'icmp type destination-unreachable icmp code frag-needed drop',
      'icmpv6 type packet-too-big drop',
    ]
    for (const place of ['router', 'host']) {
      const rules = silence.map((rule) => `add rule inet mute out ${rule}`)
      const hook = 'add chain inet mute out { type filter hook output priority 0; }'
      await lab.must(place, ['nft', ['add table inet mute', hook, ...rules].join('; ')])
    }
    const server = SERVER.replace('DIR', lab.directory)
    servers = ['blog', 'internet'].map((place) =>
      lab.run(place, [process.execPath, '-e', server, `${SIZE}`, '80', '81']).catch(() => undefined),
    )
    const containers = { blog: container(lab, 'blog', 2, { expose: ['80/tcp'] }) }
    await reconcile(
      lab,
      networkYaml({ containers, nat: { source: 'snat', forwards: [forward('8080/tcp -> blog:80')] } }),
    )
  })
  afterAll(async () => {
    await lab.destroy()
    await Promise.all(servers)
  })

  it.each([
    ['a client of the container, IPv6', 'internet', '2001:db8:1:1::1:2', 80],
    ['a client of a forward, IPv4', 'internet', '203.0.113.2', 8080],
    ['the container to the internet, IPv6', 'blog', '2001:db8:ffff::10', 81],
    ['the container to the internet, IPv4', 'blog', '198.51.100.10', 81],
  ])('%s: both ways', async (_, place, host, port) => {
    expect(await exchange(place, host, port)).toBe(`${SIZE}`)
  })
})
