import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Lab } from '../lab/lab.ts'
import { expectExit } from '../e2e/fixtures.ts'
import { route, routesYaml } from '../e2e/proxy-fixtures.ts'
import { UNIT_FILE, type Systemd } from './boot.ts'

export const PLACES = ['blog', 'shop']

/** The unit as it is handed out. */
export function unitText(): string {
  return readFileSync(UNIT_FILE, 'utf8')
}

/** network.yaml that shares ports 80 and 443 between these. */
export function sitesYaml(lab: Lab, ...places: readonly string[]): string {
  return routesYaml(
    lab,
    PLACES,
    places.map((place) => route(place)),
  )
}

/** One pass that must converge; resolves to what it said. */
export async function pass(systemd: Systemd, yaml?: string): Promise<string> {
  const result = await systemd.slash64(['reconcile', '--once'], yaml)
  expectExit(result, 0)
  return result.stdout
}

/** Numbers, inside, of every haproxy that runs. */
export async function haproxies(systemd: Systemd): Promise<readonly string[]> {
  const { stdout } = await systemd.run(['pgrep', '-x', 'haproxy'])
  return stdout.split('\n').filter((line) => line !== '')
}

/** The unit is down, and left no process, no socket and no file. */
export async function expectDown(systemd: Systemd): Promise<void> {
  expect(await systemd.properties()).toMatchObject({ ActiveState: 'inactive', MainPID: '0' })
  expect(await haproxies(systemd)).toEqual([])
  for (const folder of ['/var/lib/slash64/proxy', '/run/slash64/proxy'])
    expect((await systemd.run(['stat', folder])).exitCode).toBe(1)
}
