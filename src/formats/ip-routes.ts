import { isObject, objectList, optionalNumber, optionalText, parseJson, requiredText } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** One route of `ip -N -j route show`. `linkdown` and `dead` flags are carrier weather and left out on purpose. */
export interface RouteEntry {
  /** `default`, or canonical address without a full length: `2001:db8::1`, `10.64.0.0/24`. */
  readonly destination: string
  readonly unreachable: boolean
  /** How packets end here, where they do: `unreachable`, `blackhole`, `prohibit`, `throw`. */
  readonly end?: string
  /** `0x10`; IPv4 only. */
  readonly tos?: string
  /** Of a route that has several next hops. */
  readonly hops?: readonly Hop[]
  readonly gateway: string | undefined
  /** An IPv6 next hop of an IPv4 route (RFC 5549). */
  readonly via?: string
  readonly device: string | undefined
  /** RTA_PREFSRC: what is sent by it comes from there. */
  readonly source?: string
  /** Numeric text: `2` kernel, `164` ours. */
  readonly protocol: string
  readonly metric: number
  readonly table: string
  readonly family: 4 | 6
}

export interface Hop {
  readonly gateway?: string
  readonly device?: string
}

export interface ProxyNeighbour {
  readonly address: string
  readonly device: string
  readonly protocol: string
}

const ROUTES = 'ip -N -j route show'
const PROXIES = 'ip -N -j -6 neigh show proxy'
/** RTN_UNICAST, RTN_UNREACHABLE of linux/rtnetlink.h: under -N iproute2 prints the number. */
const UNICAST = new Set(['1', 'unicast'])
/** RTN_BLACKHOLE and those after it: packets end here. */
const ENDS = ['blackhole', 'unreachable', 'prohibit', 'throw']

export function parseRoutes(text: string): readonly RouteEntry[] {
  return routesOf(parseJson(text, ROUTES))
}

export function routesOf(value: Json): readonly RouteEntry[] {
  return objectList(value, ROUTES).flatMap(parseRoute)
}

function parseRoute(entry: JsonObject): RouteEntry[] {
  const type = optionalText(entry, 'type') ?? 'unicast'
  const end = ENDS.find((word, at) => type === word || type === `${at + 6}`)
  if (!UNICAST.has(type) && end === undefined) return []
  const tos = optionalText(entry, 'tos')
  const via = isObject(entry['via']) ? optionalText(entry['via'], 'host') : undefined
  const source = optionalText(entry, 'prefsrc')
  const hops =
    entry['nexthops'] === undefined ? undefined : objectList(entry['nexthops'], ROUTES).map(parseHop)
  return [
    {
      destination: requiredText(entry, 'dst', ROUTES),
      unreachable: end !== undefined,
      ...(end !== undefined && { end }),
      ...(tos !== undefined && { tos }),
      ...(hops !== undefined && { hops }),
      ...(source !== undefined && { source }),
      gateway: optionalText(entry, 'gateway'),
      ...(via !== undefined && { via }),
      device: optionalText(entry, 'dev'),
      protocol: optionalText(entry, 'protocol') ?? '0',
      metric: optionalNumber(entry, 'metric') ?? 0,
      table: optionalText(entry, 'table') ?? '254',
      // iproute2 prints a route preference (RFC 4191) for IPv6 only; `default` alone does not tell the family.
      family: entry['pref'] !== undefined || requiredText(entry, 'dst', ROUTES).includes(':') ? 6 : 4,
    },
  ]
}

function parseHop(entry: JsonObject): Hop {
  const [gateway, device] = [optionalText(entry, 'gateway'), optionalText(entry, 'dev')]
  return { ...(gateway !== undefined && { gateway }), ...(device !== undefined && { device }) }
}

/** Reads `ip -N -j -6 neigh show proxy`. It must not be filtered by device, or the key `dev` is left out (T7). */
export function parseProxies(text: string): readonly ProxyNeighbour[] {
  return objectList(parseJson(text, PROXIES), PROXIES).map((entry) => ({
    address: requiredText(entry, 'dst', PROXIES),
    device: requiredText(entry, 'dev', PROXIES),
    protocol: optionalText(entry, 'protocol') ?? '0',
  }))
}
