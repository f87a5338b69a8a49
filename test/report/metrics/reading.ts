import { expect } from 'vitest'
import { createControllerMetrics, type ControllerMetrics } from '../../../src/report/metrics/controller.ts'
import { plan } from '../samples.ts'

export const KINDS = ['bridge-port', 'proxy-neighbour', 'route', 'proxy-route']
export const resources = { 'bridge-port': 1, 'proxy-neighbour': 2, route: 3, 'proxy-route': 0 }
export const UNKNOWN = plan({ known: false, problems: [{ code: 'S64-H004', message: 'ip crashed' }] })
export const CLEAN = plan({ resources })

/** The metrics of a controller that knows four kinds. */
export function controllerMetrics(): ControllerMetrics {
  return createControllerMetrics({
    version: '1.2.3',
    nodeVersion: 'v20.20.2',
    kinds: KINDS,
    intervalSeconds: 30,
  })
}

/** Every series of ours. */
export async function lines(metrics: ControllerMetrics): Promise<readonly string[]> {
  const text = await metrics.text()
  return text.split('\n').filter((line) => line.startsWith('slash64_'))
}

/** The value of each series; undefined where it is absent. */
export async function values(
  metrics: ControllerMetrics,
  ...series: readonly string[]
): Promise<readonly (number | undefined)[]> {
  const all = await lines(metrics)
  return series.map((one) => {
    const found = all.filter((line) => line.startsWith(`slash64_${one} `))
    expect(found.length).toBeLessThan(2)
    return found[0] === undefined ? undefined : Number(found[0].split(' ').at(-1))
  })
}
