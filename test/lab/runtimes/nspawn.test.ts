import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bootSystemd, type Systemd } from '../../systemd/boot.ts'
import { createLab, type Lab } from '../lab.ts'
import { nspawnIn, type Nspawn } from './nspawn.ts'

let lab: Lab
let systemd: Systemd
let nspawn: Nspawn

beforeAll(async () => {
  lab = await createLab()
  systemd = await bootSystemd(lab)
  nspawn = await nspawnIn(systemd, lab.directory)
})
afterAll(async () => {
  await systemd.end()
  await lab.destroy()
})

it('runs a container that machinectl knows', async () => {
  const web = await nspawn.create('web', { boot: 'echo yes >/root/booted' })
  expect(await web.pid()).toBeUndefined()
  await web.start()
  const shown = await systemd.must(['machinectl', 'show', 'web', '-p', 'Name', '-p', 'Leader', '-p', 'State'])
  expect(shown).toBe(`Name=web\nLeader=${await web.pid()}\nState=running\n`)
  const links = await web.exec(['ip', '-o', 'link'])
  expect(links.stdout.trim().split('\n')).toEqual([expect.stringMatching(/^1: lo: /)])
  expect((await web.exec(['cat', '/root/booted'])).stdout).toBe('yes\n')
  expect((await web.exec(['false'])).exitCode).toBe(1)
  await web.remove()
})

it('puts one on a bridge, as `host0`', async () => {
  await lab.ip('host', 'link add br-ct type bridge', 'link set br-ct up')
  const web = await nspawn.create('web', { args: ['--network-bridge=br-ct'] })
  await web.start()
  expect((await web.exec(['ip', '-o', 'link'])).stdout).toMatch(/^2: host0@/m)
  expect(await lab.must('host', ['ip', '-br', 'link', 'show', 'master', 'br-ct'])).toMatch(/^vb-web@/)
  await web.remove()
})

it('stops, kills, restarts and removes it', async () => {
  const web = await nspawn.create('web')
  await web.start()
  const first = await web.pid()
  await web.restart()
  const second = await web.pid()
  expect(second).not.toBe(first)
  await web.kill()
  expect((await systemd.run(['kill', '-0', String(second)])).exitCode).toBe(1)
  await web.start()
  await web.stop()
  expect(await web.pid()).toBeUndefined()
  await web.start()
  await web.remove()
  await expect(web.start()).rejects.toThrow('nspawn-web.service not found')
})

it('knows one by name, and stops speaking at the first that it does not know', async () => {
  const web = await nspawn.create('web')
  await web.start()
  const { exitCode, stdout, stderr } = await systemd.run([
    'machinectl',
    'show',
    'nobody',
    'web',
    '-p',
    'Leader',
  ])
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toContain("No machine 'nobody' known")
  await web.remove()
})

it('leaves nothing when its system ends', async () => {
  const web = await nspawn.create('web')
  await web.start()
  expect(existsSync(`/proc/${systemd.pid}`)).toBe(true)
  await systemd.end()
  expect(existsSync(`/proc/${systemd.pid}`)).toBe(false)
})
