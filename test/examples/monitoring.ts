import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { DEFINITIONS, fullName, type MetricName } from '../../src/report/metrics/definitions.ts'

export const RULES = 'examples/prometheus/slash64.rules.yml'

export interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface Panel {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly type: string
  readonly datasource: { readonly uid: string }
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly targets: readonly { readonly refId: string; readonly expr: string }[]
}

export interface Dashboard {
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
}

export function rules(): readonly Rule[] {
  const { groups }: { groups: readonly { rules: readonly Rule[] }[] } = parse(readFileSync(RULES, 'utf8'))
  return groups.flatMap((group) => group.rules)
}

export function dashboard(): Dashboard {
  return JSON.parse(readFileSync('examples/grafana/slash64.json', 'utf8'))
}

/** Every metric that an expression names, as `name` or `name{label,...}` has it, with the labels that it is asked for. */
export function metricsIn(expr: string): readonly string[] {
  return [...new Set(expr.match(/\b(slash64|process|nodejs)_\w+/g) ?? [])]
}

/** What a scrape can hold of ours: histograms have three series for one. */
export function exportedNames(): ReadonlySet<string> {
  const names = Object.entries(DEFINITIONS).flatMap(([name, { type }]) => {
    const full = fullName(name as MetricName)
    return type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${full}_${part}`) : [full]
  })
  return new Set(names)
}

/** Every label that there is on any metric of ours. */
export function knownLabels(): ReadonlySet<string> {
  return new Set(Object.values(DEFINITIONS).flatMap(({ labels }) => [...labels]))
}
