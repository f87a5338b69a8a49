import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Vitest takes the configuration as the default export: the one place in the tree that has one.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/require-lab.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
