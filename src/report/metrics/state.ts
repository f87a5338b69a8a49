import type { Gauge, Registry } from 'prom-client'
import type { PassReport, Plan, Problem } from '../../engine/types.ts'
import { distinct, latestPlan, passProblems } from '../pass.ts'
import { ACTIONS } from './changes.ts'
import { hide, makeGauge } from './make.ts'

/** The kinds that are the reverse proxy. */
const PROXY_KINDS: ReadonlySet<string> = new Set(['reverse-proxy', 'proxy-backend', 'proxy-route'])

/**
 * The gauges of what the newest pass knows about the host; each call sets them anew. `more`: what is wrong beside what
 * that pass ran into.
 */
export function stateGauges(
  registry: Registry,
  kinds: readonly string[],
): (pass: PassReport, more?: readonly Problem[]) => void {
  const ofPlan = planGauges(registry, kinds)
  const problems = makeGauge('problems', registry)
  const known = makeGauge('host_known', registry)
  return (pass, more = []) => {
    const plan = latestPlan(pass)
    ofPlan(plan)
    problems.set(distinct([...more, ...passProblems(pass)]).length)
    known.set(plan.known ? 1 : 0)
  }
}

/** A plan of an unknown host has counts of nothing: then these are absent. */
function planGauges(registry: Registry, kinds: readonly string[]): (plan: Plan) => void {
  const managed = makeGauge('managed_resources', registry)
  const drift = makeGauge('drift_resources', registry)
  const heldBack = makeGauge('held_back_resources', registry)
  const foreign = makeGauge('foreign_resources', registry)
  const proxy = makeGauge('proxy_config_in_sync', registry)
  return (plan) => {
    const gauges: readonly Gauge[] = [managed, drift, heldBack, foreign, proxy]
    for (const gauge of gauges) hide(gauge)
    if (!plan.known) return
    const changes = [...plan.changes, ...plan.heldBack]
    for (const kind of kinds) {
      managed.set({ kind }, plan.resources[kind] ?? 0)
      for (const action of ACTIONS) drift.set({ kind, action }, 0)
    }
    for (const { kind, action } of changes) drift.inc({ kind, action })
    heldBack.set(plan.heldBack.length)
    foreign.set(plan.foreign)
    proxy.set(changes.some(({ kind }) => PROXY_KINDS.has(kind)) ? 0 : 1)
  }
}
