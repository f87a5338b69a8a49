import { visible } from '../../text/escape.ts'
import { isOurHost } from './host.ts'

/** What there is to see; asked for at each request, so each must be quick. */
export interface Pages {
  metrics(): Promise<{ readonly type: string; readonly text: string }>
  /** The status as JSON; undefined before the first pass. */
  status(): string | undefined
  health(): Verdict
  ready(): Verdict
}

export interface Verdict {
  readonly ok: boolean
  readonly text: string
}

export interface Request {
  readonly method: string
  /** The path with its query, or a whole URL. */
  readonly url: string
  /** Each Host header that was sent. */
  readonly hosts: readonly string[]
}

export interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

const TEXT = 'text/plain; charset=utf-8'
const METHODS: readonly string[] = ['GET', 'HEAD']

const ROUTES: Readonly<Record<string, (pages: Pages) => Answer | Promise<Answer>>> = {
  '/': () => ({ status: 200, type: TEXT, text: INDEX }),
  '/metrics': async (pages) => ({ status: 200, ...(await pages.metrics()) }),
  '/healthz': (pages) => verdict(pages.health()),
  '/readyz': (pages) => verdict(pages.ready()),
  '/api/v1/status': (pages) => status(pages.status()),
}

const INDEX = `slash64
/metrics         for Prometheus
/healthz         200 while it works, else 503
/readyz          200 once the host has been read, else 503
/api/v1/status   what \`slash64 status -o json\` prints
`

export interface AnswerOptions {
  /** Names that requests may call us by, beside addresses and `localhost`. */
  readonly names: readonly string[]
  /** Is told why a page could not be made, which is a defect: who asked for it is not told. */
  readonly defect?: (error: unknown) => void
}

/** The answer to one request; a page that fails is 500, so this never rejects. */
export async function answerTo(
  request: Request,
  pages: Pages,
  { names, defect }: AnswerOptions,
): Promise<Answer> {
  const { authority, path } = destination(request)
  if (request.hosts.length > 1) return plain(400, 'more than one Host header')
  if (authority !== undefined && !isOurHost(authority, names)) return plain(403, strangerText(authority))
  if (!METHODS.includes(request.method))
    return { ...plain(405, 'only GET and HEAD'), headers: { Allow: METHODS.join(', ') } }
  const page = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
  if (page === undefined) return plain(404, 'there is nothing here; see / for what there is')
  try {
    return await page(pages)
  } catch (error) {
    defect?.(error)
    return plain(500, 'this page could not be made')
  }
}

/** Who is asked, and for what; the host of a whole URL goes before the header (RFC 9112, 3.2.2). */
function destination({ url, hosts }: Request): { authority: string | undefined; path: string } {
  const [, authority, rest = url] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  return { authority: authority ?? hosts[0], path: rest.replace(/[?#].*$/, '') || '/' }
}

function strangerText(authority: string): string {
  const name = visible(authority.slice(0, 100))
  return `"${name}" is not a name of this server: use its IP address, or have it listen by that name (--listen NAME:PORT)`
}

function verdict({ ok, text }: Verdict): Answer {
  return plain(ok ? 200 : 503, text)
}

function status(text: string | undefined): Answer {
  const type = 'application/json'
  if (text === undefined) return { status: 503, type, text: '{"error":"no pass has ended yet"}\n' }
  return { status: 200, type, text }
}

function plain(code: number, text: string): Answer {
  return { status: code, type: TEXT, text: text.endsWith('\n') ? text : `${text}\n` }
}
