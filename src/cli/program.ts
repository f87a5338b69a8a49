import type { Parts } from './run.ts'

// Everything that `main` loads late stands behind this one import, so that a build can put it into a file of its own.
export { internalError, run } from './run.ts'

/** The real engine and configuration, each loaded when a command first needs it. */
export const PARTS: Parts = {
  createApp: async () => (await import('../app/index.ts')).createApp,
  config: async () => {
    const [{ loadConfig }, { formatIssues, issuesToJson }] = await Promise.all([
      import('../config/load.ts'),
      import('../config/format-issues.ts'),
    ])
    return { loadConfig, formatIssues, issuesToJson }
  },
}
