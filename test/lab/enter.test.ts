import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setup } from '../support/require-lab.ts'
import { createLab, type Lab } from './lab.ts'
import { runCommand } from './process.ts'

describe('.ci/enter', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab()
  })
  afterAll(async () => lab.destroy())

  it('gives a network of its own, in which nothing is but a loopback that is up', async () => {
    const { stdout, exitCode } = await runCommand(['sh', '.ci/enter', 'ip', '-br', 'link'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^lo +UNKNOWN .*LOWER_UP>\s*$/)
  })

  it('hides the namespaces of every other run, and leaves none behind', async () => {
    const before = readdirSync('/run/netns')
    expect(before).toContain(lab.namespace('host'))
    const inner = await runCommand(['sh', '.ci/enter', 'sh', '-c', 'ip netns add inner && ls /run/netns'])
    expect(inner).toEqual({ stdout: 'inner\n', stderr: '', exitCode: 0 })
    expect(readdirSync('/run/netns')).not.toContain('inner')
  })

  it('passes on arguments as they are and ends as they end', async () => {
    const passed = await runCommand(['sh', '.ci/enter', 'printf', '%s|', 'a b', '$HOME', ''])
    expect(passed.stdout).toBe('a b|$HOME||')
    expect((await runCommand(['sh', '.ci/enter', 'sh', '-c', 'exit 7'])).exitCode).toBe(7)
    expect((await runCommand(['sh', '.ci/enter'])).exitCode).toBe(64)
  })
})

describe('the check before the tests', () => {
  const argv = process.argv
  const entered = process.env['SLASH64_ENTERED']
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'slash64-root-'))
    process.argv = ['node', 'vitest', 'run', 'test/e2e']
  })
  afterAll(() => {
    process.argv = argv
    process.env['SLASH64_ENTERED'] = entered
    rmSync(root, { recursive: true })
  })

  it('says what to do when there is no build, and when it was not run by npm test', () => {
    expect(() => setup({ config: { root } })).toThrow(/npm run setup/)
    expect(() => setup({ config: { root: process.cwd() } })).not.toThrow()
    delete process.env['SLASH64_ENTERED']
    expect(() => setup({ config: { root: process.cwd() } })).toThrow(/npm test/)
  })

  it('lets unit tests run without build and namespaces', () => {
    process.argv = ['node', 'vitest', 'run', 'test/engine']
    expect(() => setup({ config: { root } })).not.toThrow()
  })
})
