import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { edits, NO_INTERVAL, passesFor, type Edits } from './controller-edits.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { unitsOf } from '../support/unit.ts'
import { slowed } from './controller-wrappers.ts'
import { expectExit } from './fixtures.ts'

const BASE = 'http://127.0.0.1:9464'

let lab: Lab
let edit: Edits
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
})

afterEach(async () => {
  await controller?.stop()
})

afterAll(async () => {
  await lab?.destroy()
})

function begin(...args: readonly string[]): void {
  controller = startController(lab, edit.next(), { args: [...NO_INTERVAL, ...args] })
}

/** Status and text of a page, asked for on the host; 0 when nobody answers. */
async function ask(url: string, ...args: readonly string[]): Promise<{ status: number; text: string }> {
  const format = ['-s', '-g', '--max-time', '30', '-w', '\n%{http_code}']
  const { stdout } = await lab.run('host', ['curl', ...format, ...args, url])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) }
}

describe('the pages of a controller', () => {
  it('are there for those who name it rightly, and can only be read', async () => {
    begin()
    await converged(controller)
    expect(await ask(`${BASE}/metrics`)).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^slash64_config_valid 1$/m),
    })
    expect(await ask(`${BASE}/`)).toMatchObject({ status: 200, text: expect.stringContaining('/readyz') })
    expect(await ask(`${BASE}/healthz`)).toEqual({ status: 200, text: 'ok\n' })
    expect(await ask(`${BASE}/readyz?verbose`)).toEqual({ status: 200, text: 'ok\n' })
    const head = await ask(`${BASE}/metrics`, '--head')
    expect(head).toMatchObject({ status: 200, text: expect.stringMatching(/content-length: [1-9]/i) })
    expect(head.text).not.toContain('slash64_config_valid')
    expect((await ask(`${BASE}/metrics`, '-X', 'POST')).status).toBe(405)
    expect((await ask(`${BASE}/nothing`)).status).toBe(404)
    expect((await ask(`${BASE}/metrics`, '-H', 'Host: evil.example')).status).toBe(403)
    expect((await ask(`${BASE}/metrics`, '-H', 'Host: localhost:9464')).status).toBe(200)
  })

  it('tell the status as the command does', async () => {
    begin()
    await converged(controller)
    const printed = await lab.slash64(['status', '-o', 'json'])
    expectExit(printed, 0)
    expect(JSON.parse(await controller.get('/api/v1/status'))).toEqual(JSON.parse(printed.stdout))
  })

  it('are served while 200 others are slow', async () => {
    begin()
    await converged(controller)
    const mark = join(lab.directory, 'connected')
    const slow = lab.run('host', [process.execPath, '-e', SLOW, mark], {})
    expect(await eventually(async () => (await lab.run('host', ['test', '-e', mark])).exitCode === 0)).toBe(
      true,
    )
    const served = await unitsOf(async () => {
      expect((await ask(`${BASE}/metrics`)).status).toBe(200)
      expect((await ask(`${BASE}/api/v1/status`)).status).toBe(200)
    })
    expect(served).toBeLessThan(20)
    // Nor do they keep it from ending.
    expect(await unitsOf(async () => expect(await controller.stop()).toBe(0))).toBeLessThan(40)
    expect((await slow).stdout).toBe('200 closed')
  })
})

/** Begins 200 requests and never ends them; tells how many were closed. */
const SLOW = `
  const { connect } = require('node:net')
  let [open, closed] = [0, 0]
  for (let n = 0; n < 200; n += 1) {
    const socket = connect(9464, '127.0.0.1', () => {
      socket.write('GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\nX-Slow: ')
      open += 1
      if (open === 200) require('node:fs').writeFileSync(process.argv[1], '')
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      closed += 1
      if (closed === 200) process.stdout.write('200 closed')
    })
  }
`

describe('where a controller listens', () => {
  it('works while its port is taken, says so, and serves once it is free', async () => {
    await lab.serve('host', '9464/tcp')
    begin()
    await controller.says(/S64-W004/)
    expect(await edit.isInForce()).toBe(true)
    lab.agent('host').stop()
    expect(await eventually(async () => (await ask(`${BASE}/healthz`)).status === 200)).toBe(true)
    await converged(controller)
    expect((await controller.status()).errors).toEqual([])
  })

  it('can be IPv6', async () => {
    begin('--listen', '[::1]:9464')
    await controller.says(/are served/)
    expect((await ask('http://[::1]:9464/healthz')).status).toBe(200)
    expect((await ask(`${BASE}/healthz`)).status).toBe(0)
  })

  it('can be everywhere, with a warning', async () => {
    begin('--listen', '0.0.0.0:9464')
    expect(await controller.says(/are served/)).toMatch(/ warning .*everybody/)
    expect((await ask('http://203.0.113.2:9464/healthz')).status).toBe(200)
  })

  it('can be nowhere', async () => {
    begin('--listen', 'off')
    expect(await edit.isInForce()).toBe(true)
    await controller.says(/ converged /)
    expect((await ask(`${BASE}/healthz`)).status).toBe(0)
    expect(controller.log()).not.toMatch(/served|S64-W004/)
  })

  it('is a port that is known', async () => {
    begin('--listen', '127.0.0.1:0')
    expect(await controller.exit).toBe(64)
    expect(controller.log()).toMatch(/--listen/)
  })
})

describe('a host that cannot be read', () => {
  it('is not ready, and nothing is changed on it, until it can be', async () => {
    const broken = join(lab.directory, 'broken')
    writeFileSync(broken, '')
    const env = slowed(lab, 'ip', `[ -e ${broken} ] && kill -SEGV $$`)
    controller = startController(lab, edit.next(), { env, args: ['--interval', '1s'] })
    const isRead = async () => (await passesFor(controller, 'start').catch(() => 0)) === 1
    expect(await eventually(isRead)).toBe(true)
    expect((await ask(`${BASE}/readyz`)).status).toBe(503)
    expect((await ask(`${BASE}/healthz`)).status).toBe(200)
    const { state, errors } = await controller.status()
    expect(state).toBe('unknown')
    expect(errors.map(({ message }) => message).join()).toMatch(/signal SIGSEGV|ended by SIGSEGV/)
    expect(await controller.metric('slash64_host_known')).toBe(0)
    expect(controller.log()).not.toMatch(/ (created|updated|deleted) /)
    rmSync(broken)
    expect(await eventually(async () => (await ask(`${BASE}/readyz`)).status === 200)).toBe(true)
    expect(await edit.isInForce()).toBe(true)
    await converged(controller)
  })
})
