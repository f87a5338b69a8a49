import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { ADDRESSES } from '../lab/topology.ts'
import { container, expectExit, forward, networkYaml, reconcile } from './fixtures.ts'

describe('nothing is left open, and nothing of others is cut', () => {
  let lab: Lab
  beforeEach(async () => {
    lab = await createLab({ containers: ['blog'] })
  })
  afterEach(async () => lab.destroy())

  it('teardown removes a bridge that lost its alias', async () => {
    await reconcile(lab, networkYaml({ containers: { blog: container(lab, 'blog', 2) } }))
    await lab.run('host', ['ip', 'link', 'set', 'dev', 'br-ct', 'alias', ''])
    expectExit(await lab.slash64(['teardown', '--yes']), 0)
    expect((await lab.run('host', ['ip', '-o', 'link'])).stdout).not.toContain('br-ct')
  })

  it('a blackhole in our slice is somebody’s, and stays', async () => {
    await lab.ip('host', 'route add blackhole 2001:db8:1:1::1:0/112 metric 4096')
    const yaml = networkYaml({ containers: { blog: container(lab, 'blog', 2) } })
    expectExit(await lab.slash64(['reconcile', '--once'], { yaml }), 1)
    const { stdout } = await lab.run('host', ['ip', '-6', 'route', 'show', 'type', 'blackhole'])
    expect(stdout).toContain('2001:db8:1:1::1:0/112')
  })

  it('a slice that holds the provider’s router is refused, and the way out stays', async () => {
    const networks = { 'br-ct': { ipv6: '::ff00/120' } }
    await lab.ip('host', `route replace default via 2001:db8:1:1::ff09 dev eth0 onlink`)
    const result = await lab.slash64(['reconcile', '--once'], { yaml: networkYaml({ networks }) })
    expectExit(result, 4)
    expect(result.stderr + result.stdout).toContain('2001:db8:1:1::ff09')
    const { stdout } = await lab.run('host', ['ip', 'route', 'get', '2001:db8:1:1::ff09'])
    expect(stdout).toContain('dev eth0')
  })

  it('a new UDP forward ends no connection that a container made to the same port outside', async () => {
    const containers = { blog: container(lab, 'blog', 2) }
    await lab.serve('internet', '5300/udp')
    await reconcile(lab, networkYaml({ containers }))
    await lab.udp('blog', ADDRESSES.internet, 5300)
    const outgoing = `dst=${ADDRESSES.internet} `
    expect(await lab.conntrack()).toContain(outgoing)
    await reconcile(lab, networkYaml({ containers, nat: { forwards: [forward('5300/udp -> blog:53')] } }))
    expect(await lab.conntrack()).toContain(outgoing)
  })
})
