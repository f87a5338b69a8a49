import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { container, networkYaml, reconcile } from './fixtures.ts'
import { eventually } from '../system/eventually.ts'

const SERVER = '198.51.100.10'
/** Sends until its lab is gone. */
const SENDER = `
const socket = require('node:dgram').createSocket('udp4')
socket.on('error', () => {})
socket.bind(5000, () => setInterval(() => socket.send('x', 5001, '${SERVER}', () => {}), 10))
setInterval(() => require('node:fs').existsSync(process.argv[1]) || process.exit(), 100)`

/** The answers' destination of the one flow that never pauses. */
async function answersGoTo(lab: Lab): Promise<string | undefined> {
  return / dport=5001 .*? dst=(\S+) /.exec(await lab.conntrack())?.[1]
}

describe('a flow of a container that never pauses', () => {
  let lab: Lab
  let sender: Promise<unknown>
  const answered = async (to: string): Promise<void> =>
    eventually(async () => (await answersGoTo(lab)) === to, `answers that go to ${to}`)
  const yaml = (ipv4: string | undefined, source: 'snat' | 'masquerade' | 'none' = 'snat'): string =>
    networkYaml({
      containers: { blog: container(lab, 'blog', 2) },
      upstream: { interface: 'eth0', ...(ipv4 !== undefined && { ipv4 }) },
      nat: { source },
    })
  beforeAll(async () => {
    lab = await createLab({ containers: ['blog'] })
    await lab.ip('host', 'address add 203.0.113.3/24 dev eth0', 'address add 203.0.113.4/24 dev eth0')
    await Promise.all([lab.serve('internet', '22/tcp'), lab.serve('host', '23/tcp')])
    await reconcile(lab, yaml('203.0.113.2'))
    sender = lab.run('blog', [process.execPath, '-e', SENDER, lab.directory])
    await answered('203.0.113.2')
  })
  afterAll(async () => {
    await lab.destroy()
    await sender
  })

  it('follows an edit of upstream.ipv4, and back', async () => {
    await reconcile(lab, yaml('203.0.113.3'))
    await answered('203.0.113.3')
    const right = await lab.stream('blog', SERVER, 22)
    await reconcile(lab, yaml('203.0.113.2'))
    await answered('203.0.113.2')
    expect(await right.probe(300)).not.toBe('alive')
  })

  it('is translated again after the ruleset was flushed beside a table that tracks, and nothing else is cut', async () => {
    const right = await lab.stream('blog', SERVER, 22)
    const toHost = await lab.stream('blog', '203.0.113.2', 23)
    await lab.must('host', ['nft', 'flush ruleset'])
    const hook = 'add chain ip track c { type filter hook prerouting priority 0; }'
    await lab.must('host', ['nft', `add table ip track; ${hook}; add rule ip track c ct state new counter`])
    // The tracking entry of before would still translate: the flow begins anew, untranslated.
    await lab.must('host', ['conntrack', '-D', '-p', 'udp'])
    await answered('10.64.0.2')
    await reconcile(lab)
    await answered('203.0.113.2')
    expect(await right.probe()).toBe('alive')
    expect(await toHost.probe()).toBe('alive')
  })

  it('follows what the interface has, and nat.source', async () => {
    await reconcile(lab, yaml(undefined))
    const right = await lab.stream('blog', SERVER, 22)
    await reconcile(lab, yaml(undefined, 'masquerade'))
    expect(await right.probe()).toBe('alive')
    await reconcile(lab, yaml(undefined, 'none'))
    await answered('10.64.0.2')
    await reconcile(lab, yaml('203.0.113.4'))
    await answered('203.0.113.4')
  })
})
