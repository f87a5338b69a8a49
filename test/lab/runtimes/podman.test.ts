import { existsSync, readlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab.ts'
import { eventually } from '../process.ts'
import { podmanIn, type Podman } from './podman.ts'
import { openRoom, type Room } from './room.ts'

let lab: Lab
let room: Room
let podman: Podman

beforeEach(async () => {
  lab = await createLab()
  room = await openRoom(lab)
  podman = await podmanIn(room)
})
afterEach(async () => {
  await room.end()
  await lab.destroy()
})

it('runs a container that has the loopback only, and that `podman` in its PATH alone knows', async () => {
  const db = await podman.create('db', { boot: 'echo yes >/root/booted' })
  expect(await db.pid()).toBeUndefined()
  await db.start()
  const pid = await db.pid()
  expect(readlinkSync(`/proc/${pid}/ns/net`)).toMatch(/^net:/)
  const links = await db.exec(['ip', '-o', 'link'])
  expect(links.stdout.trim().split('\n')).toEqual([expect.stringMatching(/^1: lo: <LOOPBACK,UP/)])
  expect((await db.exec(['cat', '/root/booted'])).stdout).toBe('yes\n')
  expect((await db.exec(['false'])).exitCode).toBe(1)
  const asked = [
    'podman',
    'container',
    'inspect',
    '--format',
    '{{.Name}} {{.State.Status}} {{.State.Pid}}',
    'db',
  ]
  expect(await lab.must('host', ['env', '-i', `PATH=${podman.bin}:/usr/bin:/bin`, ...asked])).toBe(
    `db running ${pid}\n`,
  )
})

it('stops, kills, restarts and removes it', async () => {
  const db = await podman.create('db')
  await db.start()
  const first = await db.pid()
  await db.restart()
  const second = await db.pid()
  expect(second).not.toBe(first)
  await db.kill()
  expect(existsSync(`/proc/${second}`)).toBe(false)
  await db.start()
  await db.stop()
  expect(await db.pid()).toBeUndefined()
  await db.start()
  await db.remove()
  await expect(db.start()).rejects.toThrow('no container with name or ID "db"')
})

it('shares a network between containers, and calls OCI hooks of its own', async () => {
  writeFileSync(
    `${podman.hooks}/seen.json`,
    JSON.stringify({
      version: '1.0.0',
      hook: { path: '/bin/sh', args: ['sh', '-c', `cat >>${room.directory}/seen`] },
      when: { annotations: { '^slash64$': '.*' } },
      stages: ['createRuntime'],
    }),
  )
  const db = await podman.create('db', { args: ['--network', 'none', '--annotation', 'slash64=db'] })
  const aide = await podman.create('aide', { args: ['--network', 'container:db'] })
  await db.start()
  await aide.start()
  const [first, second] = await Promise.all([db.pid(), aide.pid()])
  expect(second).not.toBe(first)
  expect(readlinkSync(`/proc/${second}/ns/net`)).toBe(readlinkSync(`/proc/${first}/ns/net`))
  const seen = await room.must(['cat', `${room.directory}/seen`])
  expect(JSON.parse(seen)).toMatchObject({ pid: first, annotations: { slash64: 'db' } })
})

it('leaves no process when the room ends', async () => {
  const db = await podman.create('db')
  await db.start()
  const pid = await db.pid()
  await room.end()
  expect(await eventually(() => !existsSync(`/proc/${pid}`))).toBe(true)
  await lab.destroy()
  expect(existsSync(lab.directory)).toBe(false)
})
