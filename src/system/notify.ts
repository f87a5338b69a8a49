import { SystemError } from './errors.ts'
import { execute } from './execute.ts'
import { limiter } from './limit.ts'
import { USUAL_PATH } from './processes.ts'

export interface NotifierOptions {
  /** NOTIFY_SOCKET, as the service manager gave it to us; without one nobody is told. */
  readonly socket: string | undefined
  /** Where `systemd-notify` is looked up: the caller's PATH. */
  readonly path?: string | undefined
  /** Told of the first failure, and of no other. */
  readonly failed?: (error: SystemError) => void
}

const DEADLINE = 5_000

/**
 * Tells the service manager, in the words of systemd-notify(1): `--ready`, `WATCHDOG=1`, ... Resolves when it was told
 * or could not be, in the order of the calls; never rejects. Through the program, because Node has no datagram
 * sockets of UNIX. It speaks in the name of its parent, for which it needs CAP_SYS_ADMIN: so `NotifyAccess=main` is enough.
 */
export function systemdNotifier({ socket, path = USUAL_PATH, failed }: NotifierOptions) {
  const inTurn = limiter(1)
  let told = false
  return async (words: readonly string[]): Promise<void> => {
    if (socket === undefined || socket === '') return
    const environment = { NOTIFY_SOCKET: socket }
    try {
      await inTurn(async () =>
        execute(['systemd-notify', ...words, '--no-block'], { path, deadline: DEADLINE, environment }),
      )
    } catch (error) {
      if (!told && error instanceof SystemError) failed?.(error)
      told = true
    }
  }
}
