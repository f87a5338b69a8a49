import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { acquireLock } from '../../src/system/lock.ts'
import { eventually } from './eventually.ts'

const name = `slash64-lock-test-${process.pid}`
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Another program with so many connections that it never ends; says a line for each that is open. */
function visitors(count: number, more = ''): { readonly said: () => string } {
  const script = `const { connect } = require('node:net')
    for (let index = 0; index < ${count}; index += 1) {
      const socket = connect({ path: '\\0${name}', allowHalfOpen: true }, () => console.log('open'))
      socket.on('error', () => undefined)
      ${more}
    }
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { said: () => said }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

describe('somebody who connects and does not go away', () => {
  it.each([
    ['reads nothing', 'socket.pause()'],
    ['reads, and never ends', 'socket.resume()'],
    ['talks', "socket.write('x'.repeat(1000))"],
  ])('%s: costs no descriptor, and does not keep the lock from being released', async (_, more) => {
    const lock = await acquireLock(name, 'one')
    const before = descriptors()
    const { said } = visitors(50, more)
    await eventually(() => said().split('open').length === 51, 'fifty connections')
    // The pipe of the child is one of ours.
    await eventually(() => descriptors() <= before + 2, 'their end')
    const begun = performance.now()
    await lock.release()
    expect(performance.now() - begun).toBeLessThan(500)
    await (await acquireLock(name, 'two')).release()
  })
})

it('who wants the lock is told who has it, also beside others who want to know', async () => {
  const lock = await acquireLock(name, 'process 7 (slash64 reconcile)')
  const attempts = await Promise.allSettled(Array.from({ length: 8 }, async () => acquireLock(name, 'x')))
  for (const attempt of attempts)
    expect(attempt).toMatchObject({
      reason: { name: 'SystemError', code: 'busy', detail: 'process 7 (slash64 reconcile)' },
    })
  await lock.release()
})

it('a process that was killed holds nothing', async () => {
  const script = `require('node:net').createServer().listen('\\0${name}', () => process.kill(process.pid, 'SIGKILL'))`
  expect(() => execFileSync(process.execPath, ['-e', script])).toThrow('SIGKILL')
  await (await acquireLock(name, 'after')).release()
})
