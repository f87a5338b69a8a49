import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { converged, fileOf, startController, type RunningController } from './controller-fixtures.ts'
import { container, HOST, networkYaml } from './fixtures.ts'
import { FORWARDS, moved } from './lockout-files.ts'
import { startProgram, type HostProgram } from './lockout-programs.ts'

let lab: Lab
let controller: RunningController
let sshd: HostProgram

beforeAll(async () => {
  lab = await createLab({ containers: ['blog'] })
  sshd = await startProgram(lab, 'sshd', '0.0.0.0', 22)
  await lab.serve('blog', '22/tcp')
  controller = startController(lab, file('10.64.0.0/24', '10.64.0.2'))
  await converged(controller)
})
afterAll(async () => {
  await controller?.stop()
  await sshd?.stop()
  await lab?.destroy()
})

function file(subnet: string, ipv4: string): string {
  return networkYaml({
    ...moved(subnet),
    containers: { blog: container(lab, 'blog', 2, { ipv4 }) },
    nat: { forwards: FORWARDS },
  })
}

const reached = async (): Promise<boolean> => (await lab.tcp('internet', HOST, 2222)).startsWith('blog:22')

it('a controller holds back what would cut off who is connected, and heals what runs', async () => {
  const admin = await lab.stream('internet', HOST, 22)
  writeFileSync(fileOf(lab), file('198.51.100.0/24', '198.51.100.2'))
  await controller.says(/S64-G010/)
  await lab.ip('host', 'addr del 10.64.0.1/24 dev br-ct')
  expect(await eventually(reached)).toBe(true)
  expect(await admin.probe()).toBe('alive')
  expect(await lab.must('host', ['ip', '-4', 'addr', 'show', 'dev', 'br-ct'])).toContain('10.64.0.1/24')
  expect(JSON.stringify((await controller.status()).errors)).toContain('S64-G010')
})

it('started anew with that file it does the same, and the right file ends it', async () => {
  await controller.stop()
  await lab.ip('host', 'addr del 10.64.0.1/24 dev br-ct')
  controller = startController(lab, undefined)
  await controller.says(/S64-G010/)
  expect(await eventually(reached)).toBe(true)
  writeFileSync(fileOf(lab), file('10.64.0.0/24', '10.64.0.2'))
  await converged(controller)
})
