import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { container, networkYaml, reconcile } from './fixtures.ts'

describe('SNAT where upstream.ipv4 is left out', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: ['blog'] })
    await lab.serve('internet', '8000/tcp')
    await lab.ip(
      'host',
      'addr del 203.0.113.2/24 dev eth0',
      'addr add 10.17.0.5/16 dev eth0',
      'addr add 203.0.113.2/24 dev eth0',
      'addr add 203.0.113.7/24 dev eth0',
      'route add default via 203.0.113.1',
    )
  })
  afterAll(async () => lab.destroy())

  const seen = async (): Promise<string> => lab.tcp('blog', '198.51.100.10', 8000)

  it('sends from the address that leads out, though a private one is listed first', async () => {
    const upstream = { interface: 'eth0' }
    await reconcile(lab, networkYaml({ upstream, containers: { blog: container(lab, 'blog', 2) } }))
    expect(await seen()).toBe('internet:8000 peer 203.0.113.2')
  })

  it('follows the source that the default route names', async () => {
    await lab.ip('host', 'route replace default via 203.0.113.1 src 203.0.113.7')
    await reconcile(lab)
    expect(await seen()).toBe('internet:8000 peer 203.0.113.7')
  })
})
