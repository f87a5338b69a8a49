import type { Problem } from '../../engine/types.ts'
import type { LogEntry } from '../../report/log/entry.ts'
import type { Pages } from '../../report/http/pages.ts'
import { serveHttp, type HttpServer } from '../../report/http/serve.ts'
import { SystemError } from '../../system/errors.ts'
import type { Feeds } from '../../system/feeds.ts'
import { listenPlace } from '../values.ts'

/** Milliseconds until a port that was taken is tried again. */
const AGAIN = 5_000

export interface Serving {
  /** Why nobody is served, while that is so. */
  readonly problems: () => readonly Problem[]
  readonly close: () => Promise<void>
}

export interface ServeOptions {
  /** `127.0.0.1:9464`; `off`: nobody is served. */
  readonly listen: string
  readonly feeds: Feeds
  readonly pages: Pages
  readonly log: (entry: LogEntry) => void
}

/** Serves the pages; a port that is taken keeps nothing else from its work, and is tried again. */
export function servePages({ listen, feeds, pages, log }: ServeOptions): Serving {
  const place = listenPlace(listen)
  let problems: readonly Problem[] = []
  let [server, isClosed]: [HttpServer | undefined, boolean] = [undefined, false]
  let timer: { cancel(): void } | undefined
  const open = async (): Promise<void> => {
    if (place === undefined || isClosed) return
    try {
      server = await serveHttp({ ...place, pages, defect: (error) => log(defectEntry(error)) })
      problems = []
      log(listening(server, place.isLoopback))
      if (isClosed) await server.close()
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      problems = [unserved(listen, error)]
      log({
        level: 'warning',
        event: 'http',
        message: problems[0]?.message ?? '',
        fields: { code: 'S64-W004' },
      })
      timer = feeds.after(AGAIN, () => void open())
    }
  }
  const opening = open()
  return {
    problems: () => problems,
    close: async () => {
      isClosed = true
      timer?.cancel()
      await opening
      await server?.close()
    },
  }
}

function listening({ address, port }: HttpServer, isLoopback: boolean): LogEntry {
  const fields = { address, port }
  if (isLoopback) return { level: 'info', event: 'http', message: 'metrics and status are served', fields }
  const message = 'metrics and status are served to everybody who can reach this address: see --listen'
  return { level: 'warning', event: 'http', message, fields }
}

function defectEntry(error: unknown): LogEntry {
  const why = error instanceof Error ? error.message : String(error)
  const message = `internal error: a page could not be made: ${why}`
  return { level: 'error', event: 'defect', message, fields: { hint: 'please report it; all else goes on' } }
}

function unserved(listen: string, { detail }: SystemError): Problem {
  return {
    code: 'S64-W004',
    message: `metrics and status are not served on ${listen}: ${detail}`,
    hint: 'free the port, or choose another (--listen ADDRESS:PORT, or --listen off)',
  }
}
