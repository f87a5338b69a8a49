import type { Parts } from './run.ts'

// Everything that `main` loads late stands behind this one import, so that a build can put it into a file of its own.
export { internalError, run } from './run.ts'

/** The real engine and configuration, each loaded when a command first needs it. */
export const PARTS: Parts = {
  createApp: async () => (await import('../app/index.ts')).createApp,
  controller: async () => {
    const [{ createKeeper }, { nodeFeeds }, { systemdNotifier }, { isJournal }, { privateKeeper }, clock] =
      await Promise.all([
        import('../app/keeper.ts'),
        import('../system/node-feeds.ts'),
        import('../system/notify.ts'),
        import('../system/journal.ts'),
        import('../system/keep-private.ts'),
        import('../system/clock.ts'),
      ])
    return (options, { NOTIFY_SOCKET: socket }) => ({
      createKeeper: (tell) => createKeeper({ ...options, ...tell, managed: !!socket }),
      feeds: nodeFeeds({ path: options.path, managed: !!socket }),
      notifier: (failed) => systemdNotifier({ socket, path: options.path, failed }),
      keepRecording: privateKeeper(options.runDir, 'events.json'),
      isJournal,
      now: clock.wallClock,
      monotonic: clock.monotonic,
    })
  },
  config: async () => {
    const [{ loadConfig }, { formatIssues, issuesToJson }] = await Promise.all([
      import('../config/load.ts'),
      import('../config/format-issues.ts'),
    ])
    return { loadConfig, formatIssues, issuesToJson }
  },
}
