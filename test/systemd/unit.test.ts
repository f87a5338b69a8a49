import { expect, it } from 'vitest'
import { runCommand } from '../lab/process.ts'
import { UNIT_FILE } from './boot.ts'

it('systemd-analyze finds nothing wrong with the unit', async () => {
  const argv = ['systemd-analyze', 'verify', '--man=no', UNIT_FILE]
  expect(await runCommand(argv)).toEqual({ stdout: '', stderr: '', exitCode: 0 })
})

it('the unit leaves the proxy little that it could do to the host', async () => {
  const { stdout } = await runCommand([
    'systemd-analyze',
    'security',
    '--offline=true',
    '--no-pager',
    UNIT_FILE,
  ])
  const [, exposure] = /exposure level for slash64-proxy\.service: (\d+\.\d)/.exec(stdout) ?? []
  expect(Number(exposure)).toBeLessThan(3)
})
