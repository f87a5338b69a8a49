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
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: [REPORTER, 'default'],
    sequence: { sequencer: LongFirst },
  },
})
