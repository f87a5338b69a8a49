import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { unitFiles } from '../../src/report/units/index.ts'
import { UNIT_DEFAULTS, UNIT_MARK } from '../../src/report/units/options.ts'
import { runCommand } from '../lab/process.ts'

const EXAMPLES = 'examples/systemd'
const packaged = { ...UNIT_DEFAULTS, program: ['/usr/bin/node', '/usr/lib/slash64/slash64.cjs'] }
const odd = {
  ...packaged,
  program: ['/bin/sh', '/opt/a "b" \\c $d %e/slash64.cjs'],
  file: '/srv/git/the "host" 5% $x \\y/network.yaml',
  stateDir: '/srv/the state 5%',
  runDir: '/run/elsewhere',
  listen: '[::]:443',
}
const folder = mkdtempSync(join(tmpdir(), 'slash64-units-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('examples/systemd', () => {
  it.each(unitFiles(packaged))(
    '$name is what install writes (node src/build/generate-units.mjs)',
    ({ name, text }) => {
      expect(readFileSync(`${EXAMPLES}/${name}`, 'utf8')).toBe(text)
      expect(text.startsWith(`${UNIT_MARK}\n`)).toBe(true)
    },
  )
})

describe.each([
  ['the usual places', packaged],
  ['odd ones', odd],
])('systemd-analyze, with %s,', (_title, options) => {
  it.each(unitFiles(options))('finds nothing wrong with $name', async ({ name, text }) => {
    const file = join(folder, name)
    writeFileSync(file, text)
    expect(await runCommand(['systemd-analyze', 'verify', '--man=no', file])).toEqual({
      stdout: '',
      stderr: '',
      exitCode: 0,
    })
  })
})

describe('what a process of theirs could do to the host', () => {
  it.each([
    ['slash64-proxy.service', 3],
    // Above the proxy's for what it is there for: the network, also of containers (SYS_ADMIN), and who has which port.
    ['slash64.service', 3],
  ])('%s is rated below %d of 10', async (name, most) => {
    const words = ['security', '--offline=true', '--no-pager', `${EXAMPLES}/${name}`]
    const { stdout } = await runCommand(['systemd-analyze', ...words])
    const [, exposure] = /exposure level for slash64\S*: (\d+\.\d)/.exec(stdout) ?? []
    expect(Number(exposure)).toBeLessThan(most)
  })
})
