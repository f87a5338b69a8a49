import { visible } from '../text/escape.ts'
import type { Paint } from '../text/paint.ts'
import type { RouteStatus, ServedBy } from './status-routes.ts'
import type { StatusDocument } from './status.ts'
import { plural } from './summary.ts'
import { alignColumns } from './table.ts'

const HEADINGS = ['ROUTE', 'TO', 'HTTP', 'HTTPS', 'A', 'AAAA', 'STATE']

type Parts = Pick<StatusDocument, 'known' | 'routes' | 'reverseProxy' | 'upstream'>

/** `reverse proxy: running, haproxy 2.6.12, 203.0.113.2:80; 1 backend down`; empty when no route wants one. */
export function reverseProxyLine({ reverseProxy, routes }: Parts, paint: Paint): string {
  const { state, version, listeners, oldProcesses } = reverseProxy
  if (state === 'none') return ''
  const known = [state, ...(version === null ? [] : [`haproxy ${version}`]), ...listeners]
  const text = visible(`reverse proxy: ${known.join(', ')}`)
  const down = countDown(routes)
  const notes = [
    ...(down === 0 ? [] : [paint('error', `${plural(down, 'backend')} down`)]),
    ...(oldProcesses === 0 ? [] : [`${plural(oldProcesses, 'old worker')} finishing connections`]),
  ]
  return `${[state === 'stopped' ? paint('error', text) : text, ...notes].join('; ')}\n`
}

/** Several routes may lead to one backend. */
function countDown(routes: readonly RouteStatus[]): number {
  const all = routes.flatMap(({ http, https, proxyProtocol }) => [
    ...(isDown(http) ? [`http ${http.backend} ${proxyProtocol}`] : []),
    ...(isDown(https) ? [`https ${https.backend} ${proxyProtocol}`] : []),
  ])
  return new Set(all).size
}

/** A line for each route: its names, where each port leads, and the A and AAAA that its names should have. */
export function routesTable(document: Parts, paint: Paint): string {
  const { routes } = document
  if (routes.length === 0) return ''
  const cells = routes.map((route) => routeCells(route, document).map(visible))
  const [heading = '', ...lines] = alignColumns([HEADINGS, ...cells])
  return [paint('bold', heading), ...lines.map((line, index) => paintRow(line, routes[index], paint))]
    .map((line) => `${line}\n`)
    .join('')
}

function routeCells(route: RouteStatus, document: Parts): readonly string[] {
  const [record] = route.dns
  return [
    firstOf(route.hosts),
    route.to,
    servedCell(route.http),
    servedCell(route.https),
    addressCell(record?.a ?? [], document),
    route.ipv6 === 'off' ? '-' : `${addressCell(record?.aaaa ?? [], document)} (${route.ipv6})`,
    stateCell(route, document.known),
  ]
}

/** The first, and how many more there are. */
function firstOf(values: readonly string[]): string {
  const [first = '', ...more] = values
  return more.length === 0 ? first : `${first} +${more.length}`
}

/** Capitals carry the alarm without colour. */
function servedCell(served: ServedBy): string {
  if (served === null) return '-'
  if (served === 'redirect') return served
  return `${served.backend} ${served.health === 'down' ? 'DOWN' : served.health}`
}

/** No address of an interface that nobody could look at is not known to be none. */
function addressCell(addresses: readonly string[], { upstream }: Parts): string {
  if (addresses.length > 0) return firstOf(addresses)
  return upstream.present === null ? 'unknown' : 'none'
}

function stateCell(route: RouteStatus, known: boolean): string {
  if (!known) return 'unknown'
  if (!route.inSync) return 'drifted'
  return isDown(route.http) || isDown(route.https) ? 'backend down' : 'in sync'
}

function paintRow(line: string, route: RouteStatus | undefined, paint: Paint): string {
  if (route === undefined) return line
  if (isDown(route.http) || isDown(route.https)) return paint('error', line)
  return route.inSync ? line : paint('update', line)
}

function isDown(served: ServedBy): served is Exclude<ServedBy, 'redirect' | null> {
  return served !== null && served !== 'redirect' && served.health === 'down'
}
