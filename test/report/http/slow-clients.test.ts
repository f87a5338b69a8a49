import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { unit } from '../../support/unit.ts'
import { ask, METRICS, serve } from './support.ts'

const CLIENTS = fileURLToPath(new URL('slow-clients.mjs', import.meta.url))

/** So many clients in a process of their own, with an address of their own, so that ports suffice. */
async function attack(port: number, address: string, count: number): Promise<void> {
  const child = spawn(process.execPath, [CLIENTS, String(port), address, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`the clients ended: ${code}`)))
  })
}

test('5,000 slow clients keep no scrape from being answered', async () => {
  const server = await serve()
  const files = () => readdirSync('/proc/self/fd').length
  const before = files()
  await Promise.all(['127.0.1.1', '127.0.1.2'].map(async (address) => attack(server.port, address, 2_500)))
  let most = files() - before
  const [times, unitBefore]: [number[], number] = [[], await unit()]
  for (let scrape = 0; scrape < 30; scrape += 1) {
    const begun = performance.now()
    expect((await ask(server, '/metrics')).text).toBe(METRICS.text)
    times.push(performance.now() - begun)
    most = Math.max(most, files() - before)
    await pause(100)
  }
  expect(most).toBeGreaterThan(900)
  expect(most).toBeLessThan(1_200)
  // The clients take the same processors.
  const start = Math.max(unitBefore, await unit())
  expect(times.toSorted((one, other) => one - other)[15]).toBeLessThan(10 * start)
  expect(Math.max(...times)).toBeLessThan(100 * start)
})
