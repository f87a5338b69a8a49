import { TABLE } from '../../model/identity.ts'
import type { Model } from '../../model/types.ts'
import { formatPorts, PROTOCOL_NUMBER } from '../../net/port.ts'
import { ref, rule } from './rule.ts'
import type { Chain, Rule } from './rule.ts'

const FROM = `iifname ${ref('bridges')}`
const TO = `oifname ${ref('bridges')}`

/**
 * Where providers tell about the host that asks, its keys included: IPv4's link-local block (AWS, GCP, Azure and most;
 * RFC 3927 says that it is never forwarded), Alibaba, Oracle.
 */
const METADATA4 = '{ 100.100.100.200, 169.254.0.0/16, 192.0.0.192 }'
/** Scaleway, Oracle, AWS, GCP, OpenStack. */
const METADATA6 = '{ fd00:42::42, fd00:c1::a9fe:a9fe, fd00:ec2::254, fd20:ce::254, fe80::a9fe:a9fe }'
/** AWS and GCP answer DNS at addresses of the same block: without it containers would know no names. */
const NO_DNS = 'meta l4proto . th dport != { 6 . 53, 17 . 53 }'

/** New connections only: what is established has passed here before. */
export function metadataRules({ confine }: Model): readonly Rule[] {
  if (confine.metadata === 'allow') return []
  return [
    rule(`${FROM} ip daddr ${METADATA4} ${NO_DNS}`, 'drop', 'metadata'),
    rule(`${FROM} ip6 daddr ${METADATA6} ${NO_DNS}`, 'drop', 'metadata'),
    // Azure's address is that of its DNS and DHCP, too: its metadata are on these ports.
    rule(`${FROM} ip daddr 168.63.129.16 tcp dport { 80, 32526 }`, 'drop', 'metadata'),
  ]
}

/** Behind `established`: what lives is never counted again. */
export function beginnings(model: Model): readonly Rule[] {
  return limitRules(model, [
    `${FROM} ct state new add ${ref('begun4')} { ip saddr`,
    `${FROM} ct state new add ${ref('begun6')} { ip6 saddr`,
  ])
}

/** Apart from what the container begins: whoever floods it from outside does not take its way out. */
export function takings(model: Model): readonly Rule[] {
  return limitRules(model, [
    `${TO} ct state new add ${ref('taken4')} { ip daddr`,
    `${TO} ct state new add ${ref('taken6')} { ip6 daddr`,
  ])
}

function limitRules({ confine }: Model, heads: readonly string[]): readonly Rule[] {
  if (confine.connections === 0) return []
  return heads.map((head) => rule(`${head} ct count over ${confine.connections} }`, 'drop', 'limited'))
}

/** What comes from our bridges to the host itself; nothing where the file leaves it all open. */
export function hostChains(model: Model): readonly Chain[] {
  const { toHost, connections } = model.confine
  if (toHost === 'all' && connections === 0) return []
  return [
    { table: TABLE, name: 'host', hook: '', rules: [...hostRules(model)] },
    {
      table: TABLE,
      name: 'filter-input',
      hook: 'filter input 0 accept',
      rules: [rule(FROM, 'goto host')],
    },
  ]
}

function hostRules(model: Model): readonly Rule[] {
  const { toHost } = model.confine
  const rules = [rule('ct state established,related', 'accept'), ...beginnings(model)]
  if (toHost === 'all') return rules
  const proxy = model.routes.length > 0 ? [rule('meta l4proto 6 th dport { 80, 443 }', 'accept')] : []
  return [
    ...rules,
    // ICMP, IGMP and ICMPv6 with Neighbour Discovery and MLD: without them no packet finds its way.
    rule('meta l4proto { 1, 2, 58 }', 'accept'),
    ...proxy,
    ...toHost.map((range) =>
      rule(`meta l4proto ${PROTOCOL_NUMBER[range.protocol]} th dport ${formatPorts(range)}`, 'accept'),
    ),
    rule('', 'drop', 'tohost'),
  ]
}
