import { relative } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'

const MOST = 10

/** Prints the ten files that took longest, in seconds, before vitest's own last lines; of a single file it says nothing. */
export default class SlowestFiles implements Reporter {
  #root = ''

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length < 2) return
    const times = modules.map((one) => ({
      name: relative(this.#root, one.moduleId),
      time: one.diagnostic().duration,
    }))
    const slowest = times.toSorted((one, other) => other.time - one.time).slice(0, MOST)
    console.log('\n Slowest files (seconds)')
    for (const { name, time } of slowest) console.log(`${(time / 1000).toFixed(1).padStart(8)}  ${name}`)
  }
}
