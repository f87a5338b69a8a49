import type { Registry } from 'prom-client'
import type { PassEvent } from '../../controller/types.ts'
import { ROLLED_BACK, ROLLBACK_FAILED } from '../../engine/problems.ts'
import type { PassReport, PlannedChange } from '../../engine/types.ts'
import { makeCounter } from './make.ts'

/** How loading the reverse proxy's configuration ended. `failed`: it was refused before, or could not be undone. */
export const RELOADS = ['ok', 'rolled_back', 'failed'] as const
type Reload = (typeof RELOADS)[number]

/** That the reverse proxy was started or loaded anew, and what was undone because it did not come up. */
export function proxyRecorder(registry: Registry): (event: PassEvent) => void {
  const reloads = makeCounter('proxy_reloads_total', registry)
  for (const result of RELOADS) reloads.inc({ result }, 0)
  const rollbacks = makeCounter('rollbacks_total', registry)
  const failures = makeCounter('rollback_failures_total', registry)
  return ({ pass }) => {
    const result = reloadOf(pass)
    if (result !== undefined) reloads.inc({ result })
    if (hasFailedBy(pass, ROLLED_BACK)) rollbacks.inc()
    if (hasFailedBy(pass, ROLLBACK_FAILED)) failures.inc()
  }
}

/** All changes of the proxy in one pass are one transaction; undefined: the process took them as it ran, or there were none. */
function reloadOf(pass: PassReport): Reload | undefined {
  if (pass.applied.some(wantsReload)) return 'ok'
  if (!(pass.failedChanges ?? []).some(wantsReload)) return undefined
  return hasFailedBy(pass, ROLLED_BACK) ? 'rolled_back' : 'failed'
}

/** A name, and an address of one that is there, go to the running process. */
function wantsReload({ steps }: PlannedChange): boolean {
  return steps.some(
    (step) =>
      step.tool === 'haproxy' && (step.op === 'load' || (step.op === 'backend' && step.live === undefined)),
  )
}

function hasFailedBy({ failed }: PassReport, code: string): boolean {
  return failed.some((problem) => problem.code === code)
}
