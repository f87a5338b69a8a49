import { existsSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { bootSystemd, type Systemd } from './boot.ts'

let labs: readonly Lab[] = []
let systems: readonly Systemd[] = []

beforeAll(async () => {
  labs = [await createLab(), await createLab()]
  systems = await Promise.all(labs.map(bootSystemd))
})
afterAll(async () => {
  await Promise.all(systems.map(async ({ end }) => end()))
  await Promise.all(labs.map(async ({ destroy }) => destroy()))
})

it('runs as PID 1, and starts no service and no socket', async () => {
  for (const { must } of systems) {
    expect(await must(['cat', '/proc/1/comm'])).toBe('systemd\n')
    expect(await must(['systemctl', 'list-units', '--quiet', '--type=service,socket,device,timer'])).toBe('')
  }
})

it('stands on the network of the host of its lab', async () => {
  for (const [index, { must }] of systems.entries()) {
    const [inside, host] = await Promise.all([
      must(['readlink', '/proc/self/ns/net']),
      labs[index]?.must('host', ['readlink', '/proc/self/ns/net']),
    ])
    expect(inside).toBe(host)
  }
})

it('shares no file with the machine nor with another, where it writes', async () => {
  const folders = ['/etc/systemd/system', '/run', '/tmp', '/var/lib/slash64', '/var/tmp', '/dev']
  const [first, second] = systems
  for (const folder of folders) {
    const mark = `${folder}/${labs[0]?.id}`
    await first?.must(['touch', mark])
    expect(existsSync(mark)).toBe(false)
    expect((await second?.run(['stat', mark]))?.exitCode).toBe(1)
  }
  expect((await first?.run(['sysctl', '-w', 'kernel.domainname=slash64']))?.exitCode).not.toBe(0)
})

it('keeps its processes in a cgroup of its own', async () => {
  const places = systems.map(({ pid }) =>
    readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n').at(-1),
  )
  expect(places).toEqual(
    labs.map(({ id }) => expect.stringMatching(new RegExp(`/slash64-${id}/init\\.scope$`))),
  )
})

it('leaves nothing when it ends', async () => {
  const [system] = systems
  const pid = Number((await system?.must(['sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!']))?.trim())
  expect(pid).toBeGreaterThan(1)
  expect(statSync(`/proc/${system?.pid}`).isDirectory()).toBe(true)
  await system?.end()
  expect(existsSync(`/proc/${system?.pid}`)).toBe(false)
  expect((await system?.run(['true']))?.exitCode).not.toBe(0)
})
