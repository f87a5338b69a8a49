import {
  isObject,
  objectList,
  optionalNumber,
  optionalText,
  parseJson,
  requiredText,
  textList,
} from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** One link of `ip -N -j -d addr show` (iproute2 6.1 and newer), as far as kinds need it. */
export interface Link {
  readonly index: number
  readonly name: string
  readonly type: string | undefined
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  readonly master: string | undefined
  readonly alias: string
  readonly group: string
  /** The peer's ifindex in the peer's own namespace. */
  readonly peerIndex: number | undefined
  /** Whether the peer lives in another namespace. */
  readonly peerElsewhere: boolean
  readonly hairpin: boolean
  readonly isolated: boolean
  /** Of a bridge: whether it learns MACs from frames to reserved groups (01:80:c2:00:00:0x). */
  readonly linkLocalLearn: boolean
  readonly addresses: readonly LinkAddress[]
}

export interface LinkAddress {
  readonly family: 4 | 6
  readonly address: string
  /** IFA_ADDRESS where it is another: then `length` is of its prefix. */
  readonly peer?: string
  readonly length: number
  /** IFA_RT_PRIORITY; 0 when none was given. */
  readonly metric: number
  readonly linkLocal: boolean
  /** The kernel takes it as source only where it has nothing better (RFC 6724, rule 3): `preferred_lft 0`. */
  readonly deprecated: boolean
  /** To be listened on and published: not tentative, deprecated or temporary (RFC 4862, RFC 8981), nor fc00::/7. */
  readonly lasting: boolean
  /** IFA_F_SECONDARY: another in the same subnet came first; the kernel never sends from it by itself. */
  readonly secondary?: true
}

const SUBJECT = 'ip -N -j -d addr show'

/** Reads the output of `ip -N -j -d addr show`; throws `garbled` when it is not that. */
export function parseLinks(text: string): readonly Link[] {
  return linksOf(parseJson(text, SUBJECT))
}

export function linksOf(value: Json): readonly Link[] {
  return objectList(value, SUBJECT).map(parseLink)
}

function parseLink(entry: JsonObject): Link {
  const info = isObject(entry['linkinfo']) ? entry['linkinfo'] : {}
  const own = isObject(info['info_data']) ? info['info_data'] : {}
  const port = isObject(info['info_slave_data']) ? info['info_slave_data'] : {}
  return {
    index: optionalNumber(entry, 'ifindex') ?? 0,
    name: requiredText(entry, 'ifname', SUBJECT),
    type: optionalText(info, 'info_kind'),
    mac: optionalText(entry, 'address') ?? '',
    mtu: optionalNumber(entry, 'mtu') ?? 0,
    up: textList(entry['flags']).includes('UP'),
    master: optionalText(entry, 'master'),
    alias: optionalText(entry, 'ifalias') ?? '',
    group: optionalText(entry, 'group') ?? '0',
    peerIndex: optionalNumber(entry, 'link_index'),
    peerElsewhere: entry['link_netnsid'] !== undefined,
    hairpin: port['hairpin'] === true,
    isolated: port['isolated'] === true,
    linkLocalLearn: own['no_linklocal_learn'] !== 1,
    addresses: objectList(entry['addr_info'] ?? [], SUBJECT).flatMap(parseAddress),
  }
}

const PASSING = ['tentative', 'dadfailed', 'deprecated', 'temporary'] as const

function parseAddress(entry: JsonObject): LinkAddress[] {
  const family = entry['family'] === 'inet' ? 4 : entry['family'] === 'inet6' ? 6 : undefined
  const address = optionalText(entry, 'local')
  if (family === undefined || address === undefined) return []
  // Under -N iproute2 prints scopes as numbers: 253 is "link" (RFC 3549; linux/rtnetlink.h RT_SCOPE_LINK).
  const scope = String(entry['scope'])
  const peer = optionalText(entry, 'address')
  return [
    {
      family,
      address,
      ...(peer !== undefined && peer !== address && { peer }),
      length: optionalNumber(entry, 'prefixlen') ?? 0,
      metric: optionalNumber(entry, 'metric') ?? 0,
      linkLocal: scope === '253' || scope === 'link',
      deprecated: entry['deprecated'] === true,
      lasting: !PASSING.some((flag) => entry[flag] === true) && !/^f[cd]/i.test(address),
      ...(family === 4 && entry['secondary'] === true && { secondary: true }),
    },
  ]
}
