import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROUNDS = 5
const LIMIT = 1.6

/** `times` of the shell (POSIX): its own processor time, then that of its children, each in user space and in the kernel. */
const TEN_STARTS = 'for run in 1 2 3 4 5 6 7 8 9 10; do "$@" >/dev/null; done; times'

/**
 * Seconds of processor time of ten starts: what others use the processors for is no part of it. NODE_EXTRA_CA_CERTS would
 * make every node start read certificates.
 */
function processorTime(args: readonly string[]): number {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, NODE_OPTIONS: undefined }
  const argv = ['-c', TEN_STARTS, 'sh', process.execPath, ...args]
  const children = execFileSync('sh', argv, { env, encoding: 'utf8' }).trim().split('\n').at(-1) ?? ''
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)]
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

describe('start-up', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'slash64-startup-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it(`prints the version in less than ${LIMIT} times what an empty script takes`, () => {
    const empty = join(directory, 'empty.cjs')
    writeFileSync(empty, '')
    const runs = Array.from({ length: ROUNDS }, () => ({
      bare: processorTime([empty]),
      ours: processorTime(['dist/slash64.cjs', '--version']),
    }))
    const ratio = total(runs.map((run) => run.ours)) / total(runs.map((run) => run.bare))
    expect(ratio).toBeLessThan(LIMIT)
  })

  it('prints the version of package.json', () => {
    const printed = execFileSync(process.execPath, ['dist/slash64.cjs', '--version'], { encoding: 'utf8' })
    expect(printed).toMatch(/^(slash64 )?\d+\.\d+\.\d+\n$/)
    expect(printed).toContain(process.env['npm_package_version'] ?? '0.1.0')
  })
})
