import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { podmanIn, type Podman } from '../lab/runtimes/podman.ts'
import { openRoom, type Room } from '../lab/runtimes/room.ts'
import type { RealContainer } from '../lab/runtimes/types.ts'
import { converged, startController } from './controller-fixtures.ts'
import { IPV6, networkYaml } from './fixtures.ts'

let lab: Lab
let room: Room
let podman: Podman
let blog: RealContainer

beforeAll(async () => {
  lab = await createLab()
  room = await openRoom(lab)
  podman = await podmanIn(room)
  // The one of the examples, with the program and the places of this lab.
  const { directory } = lab
  const example = JSON.parse(readFileSync('examples/hooks/podman-blog.json', 'utf8'))
  const words: readonly string[] = example.hook.args.slice(1, -1)
  const places = ['--state-dir', join(directory, 'state'), '--run-dir', join(directory, 'run')]
  const file = join(directory, 'network.yaml')
  const args = [process.execPath, join(process.cwd(), 'dist/slash64.cjs'), ...words, file, ...places]
  const hook = { ...example, hook: { ...example.hook, path: process.execPath, args } }
  writeFileSync(join(podman.hooks, 'slash64-blog.json'), JSON.stringify(hook))
  blog = await podman.create('blog', {
    args: ['--network', 'none', '--annotation', 'slash64=blog'],
    boot: '{ ip addr show eth0; ip -6 route; ip route; } >/root/new 2>&1; mv /root/new /root/first',
  })
  await lab.slash64(['validate'], {
    yaml: networkYaml({ containers: { blog: { runtime: 'podman', ipv6: '::1:2', ipv4: '10.64.0.2' } } }),
  })
})

afterAll(async () => {
  await room?.end()
  await lab?.destroy()
})

async function missing(): Promise<readonly string[]> {
  let first = ''
  const isTold = async (): Promise<boolean> => {
    const { exitCode, stdout } = await blog.exec(['cat', '/root/first'])
    first = stdout
    return exitCode === 0
  }
  expect(await eventually(isTold)).toBe(true)
  await blog.exec(['rm', '/root/first'])
  const wanted = [`inet6 ${IPV6}1:2/112`, 'inet 10.64.0.2/24', `default via ${IPV6}1:1`]
  const { received } = await lab.ping('internet', `${IPV6}1:2`)
  return [...wanted.filter((words) => !first.includes(words)), ...(received === 1 ? [] : ['an answer'])]
}

it('a container whose OCI hook attaches it has its network at its first moment', async () => {
  await blog.start()
  expect(await missing()).toEqual([])
  await blog.stop()
})

it('also while a controller runs, which is asked', async () => {
  const path = `${podman.bin}:${process.env['PATH']}`
  const controller = startController(lab, undefined, { args: ['--interval', '1h'], env: { PATH: path } })
  try {
    await converged(controller)
    await blog.start()
    expect(await missing()).toEqual([])
    expect(controller.log()).toMatch(/container blog has its network as it starts/)
    await blog.restart()
    expect(await missing()).toEqual([])
  } finally {
    await controller.stop()
  }
})
