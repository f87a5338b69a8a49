import type { Plan, PlannedChange } from '../engine/types.ts'
import { nameRecords } from '../model/reverse-proxy.ts'
import type { Route } from '../model/types.ts'
import { visible } from '../text/escape.ts'
import type { RouteView } from './background.ts'
import { touchedRoutes } from './route-changes.ts'
import { alignColumns } from './table.ts'

/** The A and AAAA that one name of a route should have, and by which of the route's settings. */
export interface DnsJson {
  readonly host: string
  readonly a: readonly string[]
  readonly aaaa: readonly string[]
  readonly ipv6: Route['ipv6']
}

export const DNS_HEADING = 'DNS that the routes above need'

const FOLD_ABOVE = 200
const SHOWN = 20

/** Every name of every route, sorted as the model is; none without routes. */
export function dnsOf(view: RouteView | undefined): readonly DnsJson[] {
  return view === undefined ? [] : recordsOf(view.model.routes, view)
}

/** The names of the routes that the plan's changes concern. */
export function touchedDns(plan: Plan, view: RouteView | undefined): readonly DnsJson[] {
  if (view === undefined) return []
  const changes = [...plan.changes, ...plan.heldBack].filter(movesNames)
  return recordsOf(touchedRoutes(view.model, changes), view)
}

/** A proxy that is only started again is where it was, for all names. */
function movesNames({ kind, action, before, after }: PlannedChange): boolean {
  if (kind !== 'reverse-proxy' || action !== 'update') return true
  return listenersText(before) !== listenersText(after)
}

function listenersText(spec: unknown): string {
  const has = typeof spec === 'object' && spec !== null && 'listeners' in spec
  return has ? JSON.stringify(spec.listeners) : ''
}

function recordsOf(routes: readonly Route[], { model, upstream }: RouteView): readonly DnsJson[] {
  return routes.flatMap((route) =>
    nameRecords(route, model, upstream).map((record) => ({ ...record, ipv6: route.ipv6 })),
  )
}

/** A block of one line a name; of more than 200, the first 20 and how many more there are. Empty without names. */
export function dnsText(records: readonly DnsJson[]): string {
  if (records.length === 0) return ''
  const shown = records.length > FOLD_ABOVE ? records.slice(0, SHOWN) : records
  const rows = shown.map((record) => [
    visible(record.host),
    `A ${addressesText(record.a)}`,
    `AAAA ${addressesText(record.aaaa)} (${record.ipv6})`,
  ])
  const more = records.length - shown.length
  const rest = more === 0 ? [] : [`... and ${more} more: see \`dns\` of -o json`]
  return [`${DNS_HEADING}:`, ...[...alignColumns(rows), ...rest].map((line) => `  ${line}`)]
    .map((line) => `${line}\n`)
    .join('')
}

/** `203.0.113.2, 203.0.113.3`, or `none`. */
export function addressesText(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'none' : addresses.map(visible).join(', ')
}
