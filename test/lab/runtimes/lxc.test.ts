import { existsSync, readlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab.ts'
import { eventually, runCommand } from '../process.ts'
import { lxcIn, type Lxc } from './lxc.ts'
import { openRoom, type Room } from './room.ts'
import { writeScript } from './rootfs.ts'

let lab: Lab
let room: Room
let lxc: Lxc

beforeEach(async () => {
  lab = await createLab()
  await lab.ip('host', 'link add br-ct type bridge', 'link set br-ct up')
  room = await openRoom(lab)
  lxc = lxcIn(room)
})
afterEach(async () => {
  await room.end()
  lxc.end()
  await lab.destroy()
})

const ON_BRIDGE = ['type = veth', 'link = br-ct', 'flags = up', 'name = eth0'].map(
  (line) => `lxc.net.0.${line}`,
)

it('runs a container on a bridge of the lab’s host', async () => {
  const blog = await lxc.create('blog', { config: ON_BRIDGE, boot: 'echo "$$" >/root/booted' })
  expect(await blog.pid()).toBeUndefined()
  await blog.start()
  const pid = await blog.pid()
  expect(pid).toBeGreaterThan(1)
  expect((await lab.must('host', ['ip', '-br', 'link', 'show', 'master', 'br-ct'])).trim()).toMatch(
    /^veth\S+@if\d+ /,
  )
  const inside = await lab.must('host', ['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-br', 'link'])
  expect(inside).toMatch(/^eth0@if\d+ /m)
  expect(await blog.exec(['cat', '/root/booted'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\n$/),
  })
  expect((await blog.exec(['false'])).exitCode).toBe(1)
  expect(await lab.must('host', ['lxc-info', '-P', blog.path, '-n', 'blog', '-s', '-H'])).toBe('RUNNING\n')
})

it('stops, kills, restarts and removes it', async () => {
  const blog = await lxc.create('blog')
  await blog.start()
  const first = await blog.pid()
  await blog.restart()
  const second = await blog.pid()
  expect(second).not.toBe(first)
  await blog.kill()
  expect(existsSync(`/proc/${second}`)).toBe(false)
  await blog.start()
  await blog.stop()
  expect(await blog.pid()).toBeUndefined()
  await expect(blog.stop()).rejects.toThrow('blog is not running')
  await blog.start()
  await blog.remove()
  expect(existsSync(`${blog.path}/blog`)).toBe(false)
})

it('calls hooks before the first process of the container, which they may configure', async () => {
  const hook = `${room.directory}/hook`
  writeScript(hook, 'nsenter -t "$LXC_PID" -n ip link add eth0 type bridge\n')
  const blog = await lxc.create('blog', { boot: 'ip link >/root/links' })
  blog.configure(['lxc.net.0.type = empty', `lxc.hook.start-host = ${hook}`])
  await blog.start()
  expect((await blog.exec(['cat', '/root/links'])).stdout).toContain('eth0')
  await blog.stop()
  writeFileSync(hook, '#!/bin/sh\nexit 3\n')
  await expect(blog.start()).rejects.toThrow('ABORTING')
})

it('gives an unprivileged container users of its own', async () => {
  const blog = await lxc.create('blog', { unprivileged: true, config: ON_BRIDGE })
  await blog.start()
  const pid = await blog.pid()
  expect(readlinkSync(`/proc/${pid}/ns/user`)).not.toBe(readlinkSync('/proc/self/ns/user'))
  expect((await blog.exec(['id', '-u'])).stdout).toBe('0\n')
})

it('knows two containers of one name in two labs, and leaves nothing of them', async () => {
  const other = await createLab()
  const otherRoom = await openRoom(other)
  const both = await Promise.all([lxc.create('blog'), lxcIn(otherRoom).create('blog')])
  await Promise.all(both.map(async ({ start }) => start()))
  const pids = await Promise.all(both.map(async ({ pid }) => pid()))
  expect(new Set(pids).size).toBe(2)
  await otherRoom.end()
  await other.destroy()
  expect(await eventually(() => !existsSync(`/proc/${pids[1]}`))).toBe(true)
  expect(existsSync(other.directory)).toBe(false)
  expect((await both[0]?.exec(['true']))?.exitCode).toBe(0)
  const { stdout } = await runCommand(['ps', '-eo', 'args'])
  expect(stdout).not.toContain(`[lxc monitor] ${other.directory}`)
})
