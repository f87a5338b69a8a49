import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongFirst } from './support/long-first.ts'

const REPORTER = fileURLToPath(new URL('support/slowest-files.ts', import.meta.url))

// Vitest takes the configuration as the default export, as it takes a reporter: there are no others in the tree.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/require-lab.ts'],
    // For what hangs: a machine that does many other things takes minutes for what is seconds' work.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // As many as processors are usual: one more makes a run shorter, and what it measures less certain.
    maxWorkers: 2,
    reporters: [REPORTER, 'default'],
    sequence: { sequencer: LongFirst },
  },
})
