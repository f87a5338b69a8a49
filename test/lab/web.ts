import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nextNumber } from './agent-client.ts'
import type { LoadOrder, LoadReport, LoadVisit, Outcome, StreamSort, Visit } from './agent-protocol.ts'
import type { Lab, Stream } from './lab.ts'
import { mustRun } from './process.ts'

export interface WebOptions {
  /** Serves TLS with a certificate of its own for this name. */
  readonly certificate?: string
  /** Takes only connections that begin with a header of this version. */
  readonly proxyProtocol?: 'v1' | 'v2'
}

/** Serves the web on one port of every address of the place (agent-web.ts says what it answers). */
export async function serveWeb(
  lab: Lab,
  place: string,
  port: number,
  options: WebOptions = {},
): Promise<void> {
  const { certificate, proxyProtocol } = options
  const server = {
    name: place,
    port,
    ...(certificate !== undefined && { tls: await certify(lab, certificate) }),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
  }
  await lab.agent(place).call({ op: 'serve-web', server })
}

/** A key and a certificate (PEM) that was signed with it, made once for each name in a lab. */
async function certify(lab: Lab, name: string): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = join(lab.directory, 'tls')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  if (!existsSync(cert))
    await mustRun(['openssl', ...request, '-days', '2', ...names, '-keyout', key, '-out', cert])
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

/** One request from the place, over a connection of its own. */
export async function visit(lab: Lab, place: string, order: Visit): Promise<Outcome> {
  return JSON.parse(await lab.agent(place).call({ op: 'visit', visit: order }))
}

/** Opens a connection that stays: probe it with `alive` as the good outcome. An error if it cannot be opened. */
export async function openWebStream(
  lab: Lab,
  place: string,
  sort: StreamSort,
  order: Visit,
): Promise<Stream> {
  const agent = lab.agent(place)
  const stream = nextNumber()
  const outcome = await agent.call({ op: 'open-web', sort, stream, visit: order })
  if (outcome !== 'open') throw new Error(`no ${sort} to ${order.host} at ${order.address}: ${outcome}`)
  return { probe: async (timeoutMs = 10_000) => agent.call({ op: 'probe', stream, timeoutMs }) }
}

export interface Load {
  /** Ends it and tells what it came to. */
  readonly stop: () => Promise<LoadReport>
  /** The same, once it has come to its own end by time or count. */
  readonly finish: () => Promise<LoadReport>
}

/** Visits from the place, over and over, until stopped; 60 s and 50,000 requests at most. */
export async function startLoad(
  lab: Lab,
  place: string,
  visits: readonly LoadVisit[],
  bounds: Partial<LoadOrder> = {},
): Promise<Load> {
  const agent = lab.agent(place)
  const load = nextNumber()
  const order = { visits, workers: 8, pauseMs: 20, maxMs: 60_000, maxRequests: 50_000, ...bounds }
  await agent.call({ op: 'start-load', load, order })
  const end = async (whole: boolean): Promise<LoadReport> =>
    JSON.parse(await agent.call({ op: 'stop-load', load, whole }))
  return { stop: async () => end(false), finish: async () => end(true) }
}
