import type { Registry } from 'prom-client'
import type { PassEvent } from '../../controller/types.ts'
import type { Plan } from '../../engine/types.ts'
import { latestPlan } from '../pass.ts'
import { identity } from './changes.ts'
import { hide, makeCounter, makeGauge } from './make.ts'

/** Since when there is drift, and how much of it was found and undone. */
export function driftRecorder(registry: Registry, kinds: readonly string[]): (event: PassEvent) => void {
  const since = sinceRecorder(registry, kinds)
  const counts = countRecorder(registry, kinds)
  return (event) => {
    since(event)
    counts(event)
  }
}

/** Drift that a look at an unknown host falls into goes on: the series is absent meanwhile, its start is not lost. */
function sinceRecorder(registry: Registry, kinds: readonly string[]): (event: PassEvent) => void {
  const since = makeGauge('drift_since_timestamp_seconds', registry)
  const starts = new Map<string, number>()
  return ({ pass, at }) => {
    const plan = latestPlan(pass)
    hide(since)
    if (!plan.known) return
    const drifting = new Set(openChanges(plan).map(({ kind }) => kind))
    for (const kind of kinds) {
      const start = drifting.has(kind) ? (starts.get(kind) ?? at.getTime() / 1000) : 0
      if (start === 0) starts.delete(kind)
      else starts.set(kind, start)
      since.set({ kind }, start)
    }
  }
}

/** Drift that stays, held back or failing, is found once and not by every pass anew. */
function countRecorder(registry: Registry, kinds: readonly string[]): (event: PassEvent) => void {
  const detected = makeCounter('drift_detected_total', registry)
  const corrected = makeCounter('drift_corrected_total', registry)
  for (const kind of kinds) for (const total of [detected, corrected]) total.inc({ kind }, 0)
  let open: ReadonlySet<string> = new Set()
  return ({ pass }) => {
    if (!pass.plan.known) return
    const found = openChanges(pass.plan).filter(({ cause }) => cause === 'drift')
    for (const change of found) if (!open.has(identity(change))) detected.inc({ kind: change.kind })
    for (const { kind, cause } of pass.applied) if (cause === 'drift') corrected.inc({ kind })
    const latest = latestPlan(pass)
    // What cannot be seen any more is not known to be undone.
    open = new Set((latest.known ? openChanges(latest) : found).map(identity))
  }
}

function openChanges({ changes, heldBack }: Plan): Plan['changes'] {
  return [...changes, ...heldBack]
}
