import { appOn } from '../../src/app/index.ts'
import type { App, PassResult, Permission } from '../../src/app/types.ts'
import type { Plan } from '../../src/engine/types.ts'
import type { Model } from '../../src/model/types.ts'
import { isConverged } from '../../src/report/pass.ts'
import type { System } from '../../src/system/port.ts'
import { PLACES } from './model.ts'

export const STATE = PLACES.stateDir

export function appOf(host: System): App {
  return appOn(host)
}

/** `+ kind key (cause)`, one for each change of the plan, in the order of apply. */
export function changeLines({ changes }: Plan): readonly string[] {
  return changes.map(({ action, kind, key, cause }) => `${SIGNS[action]} ${kind} ${key} (${cause})`)
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const

/** Why a pass did not converge, for people; empty when it did. */
export function complaints(pass: PassResult): readonly string[] {
  if (isConverged(pass)) return []
  const left = pass.remaining ?? pass.plan
  const changes = [...left.changes, ...left.heldBack].map(
    ({ action, kind, key, reason }) => `${action} ${kind} ${key}: ${reason}`,
  )
  return [
    ...changes,
    ...[...pass.failed, ...left.problems].map(({ code, message }) => `${code} ${message}`),
    'not converged',
  ]
}

/** What guards would refuse of a file that takes much away, or everything. */
const EVERYTHING: ReadonlySet<Permission> = new Set(['empty', 'deletes'])

/** One pass that must converge, however much it takes away. */
export async function converge(host: System, model: Model): Promise<PassResult> {
  const pass = await appOf(host).reconcile(model, undefined, EVERYTHING)
  const why = complaints(pass)
  if (why.length > 0) throw new Error(why.join('\n'))
  return pass
}

/**
 * Runs what somebody else would type: `ip LINE`, `nft STATEMENT`, `sysctl NAME=VALUE`, `proxy COMMAND` (said to the
 * reverse proxy), `append FILE TEXT` (one of its files), `kill SIGNAL` (its master), `container VERB TYPE NAME` (by a runtime).
 */
export async function byHand(host: System, ...commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const [tool = '', ...words] = command.split(' ')
    if (tool === 'sysctl') {
      const [name = '', value = ''] = words.join(' ').split('=')
      await host.writeSysctl(name, value)
    } else if (tool === 'proxy')
      await host.exchange(`${host.places.runDir}/proxy/admin.sock`, `${words.join(' ')}\n`)
    else if (tool === 'kill') {
      const pid = await host.readFile(`${host.places.runDir}/proxy/haproxy.pid`)
      await host.run(['kill', `-${words[0]}`, pid.trim()])
      await host.pause(200)
    } else if (tool === 'append') {
      const [file = '', ...text] = words
      const path = `${host.places.stateDir}/proxy/${file}`
      await host.writeFile(path, `${await host.readFile(path)}${text.join(' ')}\n`)
    } else await host.run([tool, ...words])
  }
}
