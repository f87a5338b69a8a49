import { execute } from './execute.ts'
import type { Feeds } from './feeds.ts'
import { follow } from './follow.ts'
import { watchNetworks } from './named-networks.ts'
import { USUAL_PATH } from './processes.ts'
import { serveSocket } from './serve-socket.ts'
import { watchFile } from './watch-file.ts'

/** Milliseconds for a command that makes the kernel tell something. */
const RUN = 10_000

export interface NodeFeedsOptions {
  /** Where programs are looked up: the caller's PATH. */
  readonly path?: string | undefined
  /** A service manager ends all that we started with us: nothing else needs to. */
  readonly managed?: boolean
}

/** What comes from the real host by itself. */
export function nodeFeeds({ path = USUAL_PATH, managed = false }: NodeFeedsOptions = {}): Feeds {
  return {
    follow: (argv, listener, how) => follow(argv, listener, { path, managed, ...how }),
    run: async (argv) => (await execute(argv, { path, deadline: RUN })).stdout,
    networks: watchNetworks,
    watch: (file, changed) => watchFile(file, changed),
    serve: serveSocket,
    after: (milliseconds, call) => {
      const timer = setTimeout(call, milliseconds)
      return { cancel: () => clearTimeout(timer) }
    },
    chance: () => Math.random(),
  }
}
