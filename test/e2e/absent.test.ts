import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, runCommand } from '../lab/process.ts'
import { IPV6, container, expectExit, networkYaml, plan, reconcile } from './fixtures.ts'

describe('a container that is not running', () => {
  let lab: Lab
  const proxies = async (): Promise<string> => lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db'] })
    const containers = {
      blog: container(lab, 'blog', 2),
      db: container(lab, 'db', 3),
      ghost: container(lab, 'ghost', 4),
    }
    await reconcile(lab, networkYaml({ containers }))
  })
  afterAll(async () => {
    await runCommand(['ip', 'netns', 'delete', lab.namespace('ghost')])
    await lab.destroy()
  })

  it('is no error, and is not announced, while the others are', async () => {
    expect(await proxies()).toContain(`${IPV6}1:2 `)
    expect(await proxies()).toContain(`${IPV6}1:3 `)
    expect(await proxies()).not.toContain(`${IPV6}1:4`)
    expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
  })

  it('is called absent by status, and the plan has nothing to do', async () => {
    const status = await lab.slash64(['status'])
    expectExit(status, 0)
    expect(status.stdout).toMatch(/ghost.*absent/)
    expect(status.stdout).not.toMatch(/blog.*absent/)
    expect(await plan(lab)).toMatchObject({ hasChanges: false, errors: [] })
  })

  it('keeps its place in the firewall', async () => {
    expect(await lab.must('host', ['ip', '-6', 'route', 'show'])).toContain(`${IPV6}1:3 `)
    expect(await lab.must('host', ['nft', 'list', 'table', 'inet', 'slash64'])).toContain(`${IPV6}1:4`)
  })

  it('is connected once it runs', async () => {
    await runCommand(['ip', 'netns', 'add', lab.namespace('ghost')])
    await lab.ip('ghost', 'link set lo up')
    await reconcile(lab)
    const answered = await eventually(async () => (await lab.ping('internet', `${IPV6}1:4`)).received === 1)
    expect(answered).toBe(true)
    expect((await lab.slash64(['status'])).stdout).not.toMatch(/absent/)
  })

  it('is withdrawn when it stops', async () => {
    await runCommand(['ip', 'netns', 'delete', lab.namespace('db')])
    await reconcile(lab)
    expect(await proxies()).not.toContain(`${IPV6}1:3 `)
    expect((await lab.slash64(['status'])).stdout).toMatch(/db.*absent/)
    expect(await plan(lab)).toMatchObject({ hasChanges: false })
    expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
  })
})
