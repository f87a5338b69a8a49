import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files that take longest, longest first, as a whole run prints them at its end. They are begun first, so that no
 * worker is left with one of them when the other has nothing to do any more; what is not named follows as vitest has it.
 */
const LONG: readonly string[] = [
  'test/e2e/controller-disruption.test.ts',
  'test/conformance/conformance.test.ts',
  'test/e2e/controller-lxc.test.ts',
  'test/e2e/nft-drift.test.ts',
  'test/e2e/controller-hang.test.ts',
  'test/e2e/attach-lxc.test.ts',
  'test/e2e/controller-heal.test.ts',
  'test/e2e/runtime-docker-incus.test.ts',
  'test/e2e/drift.test.ts',
  'test/e2e/controller-adversity.test.ts',
  'test/e2e/proxy-refusal.test.ts',
  'test/e2e/proxy-drift.test.ts',
  'test/e2e/runtime-nspawn-trouble.test.ts',
  'test/e2e/runtime-podman-trouble.test.ts',
  'test/e2e/proxy-load.test.ts',
]

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = super.sort.bind(this)
    return (await usual(files)).toSorted((one, other) => this.#rank(one) - this.#rank(other))
  }

  #rank({ moduleId }: TestSpecification): number {
    const at = LONG.indexOf(relative(this.ctx.config.root, moduleId))
    return at < 0 ? LONG.length : at
  }
}
