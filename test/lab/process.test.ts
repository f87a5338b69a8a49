import { expect, it } from 'vitest'
import { mustRun, runCommand } from './process.ts'

const TIMEOUT = 500

it('a command that hangs is told with what it waited for', async () => {
  const { exitCode, stderr } = await runCommand(['sh', '-c', 'sleep 60; :'], { timeout: TIMEOUT })
  expect(exitCode).toBe(124)
  expect(stderr).toContain('given up after 500 ms: sh -c sleep 60; :')
  expect(stderr).toMatch(/^ {2}sleep, process \d+: state S/m)
  await expect(mustRun(['sleep', '60'], { timeout: TIMEOUT })).rejects.toThrow(/sleep, process \d+: state S/)
})

it.each([
  ['holds its pipes in a session of its own', 'setsid sleep 61 & echo $!; exit 0', 'it has ended'],
  ['does so beside it', 'setsid sleep 61 & echo $!; sleep 60', 'sleep, process'],
])('what it started and %s keeps nobody waiting', async (_what, script, told) => {
  const { exitCode, stdout, stderr } = await runCommand(['sh', '-c', script], { timeout: TIMEOUT })
  await runCommand(['kill', '-KILL', stdout.trim()])
  expect([exitCode, stderr]).toEqual([124, expect.stringContaining(told)])
})
