import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const RUNS = 21
const LIMIT = 1.6

/** Milliseconds from start to end; NODE_EXTRA_CA_CERTS would make every node start read certificates. */
function duration(args: readonly string[]): number {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, NODE_OPTIONS: undefined }
  const start = process.hrtime.bigint()
  execFileSync(process.execPath, args, { env, stdio: 'pipe' })
  return Number(process.hrtime.bigint() - start) / 1e6
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
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
    const runs = Array.from({ length: RUNS }, () => ({
      bare: duration([empty]),
      ours: duration(['dist/slash64.cjs', '--version']),
    }))
    const ratio = median(runs.map((run) => run.ours)) / median(runs.map((run) => run.bare))
    expect(ratio).toBeLessThan(LIMIT)
  })

  it('prints the version of package.json', () => {
    const printed = execFileSync(process.execPath, ['dist/slash64.cjs', '--version'], { encoding: 'utf8' })
    expect(printed).toMatch(/^(slash64 )?\d+\.\d+\.\d+\n$/)
    expect(printed).toContain(process.env['npm_package_version'] ?? '0.1.0')
  })
})
