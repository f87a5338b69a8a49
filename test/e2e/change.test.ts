import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../src/config/types.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { withMonitors } from '../lab/monitor.ts'
import { HOST, IPV6, container, expectExit, forward, networkYaml, plan, reconcile } from './fixtures.ts'
import { tableText } from './nft-objects.ts'

const PATIENT = 2_000

describe('a file that changes', () => {
  let lab: Lab
  let containers: Readonly<Record<string, ContainerConfig>>
  const forwards = [
    forward('2222/tcp -> blog:22'),
    forward('2223/tcp -> db:22'),
    forward('2224/tcp -> db:23'),
  ]

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db', 'mail'] })
    await Promise.all([
      lab.serve('blog', '22/tcp', '443/tcp'),
      lab.serve('db', '22/tcp', '23/tcp', '443/tcp'),
    ])
    containers = {
      blog: container(lab, 'blog', 2, { expose: ['443/tcp'] }),
      db: container(lab, 'db', 3, { expose: ['443/tcp'] }),
    }
  })
  afterAll(async () => lab.destroy())

  it('is planned first: changes, exit code 2, and not one write', async () => {
    const yaml = networkYaml({ containers, nat: { forwards } })
    const seen = await withMonitors(lab, async () => lab.slash64(['plan', '--detailed-exitcode'], { yaml }))
    expectExit(seen.value, 2)
    expect(seen.nft).toEqual([])
    expect(seen.ip).toEqual([])
    const document = await plan(lab)
    expect(document).toMatchObject({ formatVersion: '1.0', hasChanges: true, errors: [] })
    expect(document.summary.create).toBe(
      document.changes.filter((change) => change.action === 'create').length,
    )
    expect(document.summary.inSync).toBe(0)
  })

  it('is applied, after which a second run writes nothing and plans nothing', async () => {
    await reconcile(lab)
    const seen = await withMonitors(lab, async () => reconcile(lab))
    expect(seen.nft).toEqual([])
    expect(seen.ip).toEqual([])
    expect((await lab.slash64(['plan', '--detailed-exitcode'])).exitCode).toBe(0)
    const document = await plan(lab)
    expect(document).toMatchObject({ hasChanges: false, changes: [], errors: [] })
    expect(document.summary.inSync).toBeGreaterThan(20)
    const again = await lab.slash64(['reconcile', '--once', '--detailed-exitcode'])
    expect(again.exitCode).toBe(0)
  })

  it('ends the connections of a removed forward, and no others', async () => {
    const removed = await lab.stream('internet', HOST, 2222)
    const kept = await lab.stream('internet', HOST, 2223)
    const sibling = await lab.stream('internet', HOST, 2224)
    await reconcile(lab, networkYaml({ containers, nat: { forwards: forwards.slice(1) } }))
    expect(await removed.probe(PATIENT)).not.toBe('alive')
    expect(await kept.probe(PATIENT)).toBe('alive')
    expect(await sibling.probe(PATIENT)).toBe('alive')
    expect(await lab.tcp('internet', HOST, 2222, { timeoutMs: 200 })).not.toMatch(/peer/)
  })

  it('ends the connections of a retargeted forward, and leads new ones to the new container', async () => {
    const old = await lab.stream('internet', HOST, 2223)
    const kept = await lab.stream('internet', HOST, 2224)
    const turned = [forward('2223/tcp -> blog:22'), forward('2224/tcp -> db:23')]
    await reconcile(lab, networkYaml({ containers, nat: { forwards: turned } }))
    expect(await old.probe(PATIENT)).not.toBe('alive')
    expect(await kept.probe(PATIENT)).toBe('alive')
    expect(await lab.tcp('internet', HOST, 2223)).toBe('blog:22 peer 198.51.100.10')
  })

  it('adds a container with additions only, while connections live on', async () => {
    const kept = await lab.stream('internet', `${IPV6}1:3`, 443)
    const yaml = networkYaml({
      containers: { ...containers, mail: container(lab, 'mail', 4) },
      nat: { forwards },
    })
    const document = await plan(lab, yaml)
    const about = document.changes.filter((change) => change.action === 'delete')
    expect(about).toEqual([])
    await reconcile(lab)
    expect(await lab.ping('internet', `${IPV6}1:4`)).toMatchObject({ received: 1 })
    expect(await kept.probe(PATIENT)).toBe('alive')
  })

  it('leaves nothing of a removed container, and its neighbours untouched', async () => {
    const overIpv6 = await lab.stream('internet', `${IPV6}1:3`, 443)
    const overForward = await lab.stream('internet', HOST, 2224)
    const { db } = containers
    if (db === undefined) throw new Error('db is a container of this test')
    await reconcile(lab, networkYaml({ containers: { db }, nat: { forwards: forwards.slice(1) } }))
    const left = await Promise.all([
      // What the kernel counts in goes with the connections.
      tableText(lab),
      lab.must('host', ['ip', '-6', 'route', 'show', 'table', 'all']),
      lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy']),
    ])
    expect(left.join('\n')).toContain(`${IPV6}1:3`)
    expect(left.join('\n')).not.toMatch(/2001:db8:1:1::1:[24]\b|10\.64\.0\.[24]\b/)
    const ports = await lab.must('host', ['ip', '-br', 'link', 'show', 'master', 'br-ct'])
    expect(ports.trim().split('\n')).toHaveLength(1)
    expect((await lab.run('blog', ['ip', 'link', 'show', 'eth0'])).exitCode).not.toBe(0)
    expect(await overIpv6.probe(PATIENT)).toBe('alive')
    expect(await overForward.probe(PATIENT)).toBe('alive')
    expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 0 })
  })
})
