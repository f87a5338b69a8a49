import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { DEFINITIONS, fullName, type MetricName } from './definitions.ts'

type Defined = typeof DEFINITIONS
type Named<Type extends Defined[MetricName]['type']> = {
  [Name in MetricName]: Defined[Name]['type'] extends Type ? Name : never
}[MetricName]
type Label<Name extends MetricName> = Defined[Name]['labels'][number]

/** The gauge of that name, registered. Without labels it is absent until it is set. */
export function makeGauge<Name extends Named<'gauge'>>(name: Name, registry: Registry): Gauge<Label<Name>> {
  const gauge = new Gauge<Label<Name>>({ ...common(name), registers: [registry] })
  hide(gauge)
  return gauge
}

/** The counter of that name, registered. */
export function makeCounter<Name extends Named<'counter'>>(
  name: Name,
  registry: Registry,
): Counter<Label<Name>> {
  return new Counter<Label<Name>>({ ...common(name), registers: [registry] })
}

/** The histogram of that name, registered. */
export function makeHistogram<Name extends Named<'histogram'>>(
  name: Name,
  registry: Registry,
): Histogram<Label<Name>> {
  const { buckets } = DEFINITIONS[name]
  return new Histogram<Label<Name>>({ ...common(name), buckets: [...buckets], registers: [registry] })
}

/** Takes every series of the gauge away: no series is better than a wrong zero. */
export function hide(gauge: Gauge): void {
  gauge.reset()
  // `reset` sets what has no labels to 0.
  gauge.remove({})
}

function common<Name extends MetricName>(name: Name) {
  const { help, labels } = DEFINITIONS[name]
  const labelNames: Label<Name>[] = [...labels]
  return { name: fullName(name), help, labelNames }
}
