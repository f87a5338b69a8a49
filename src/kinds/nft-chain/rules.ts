import { TABLE } from '../../model/identity.ts'
import type { Model } from '../../model/types.ts'
import { frameChains } from './frames.ts'
import { beginnings, hostChains, metadataRules, takings } from './confine.ts'
import { ref, rule } from './rule.ts'
import type { Chain, Rule } from './rule.ts'

/**
 * The chains of our tables. Everything that differs between two containers is in sets; what is here differs only by
 * the settings of the whole file.
 *
 *     input, from one of our bridges ──▶ host: what one may begin, then what of the host is reached, then drop
 *     prerouting, output (dstnat) ──▶ port-forwards: public IPv4 → container
 *     prerouting ──▶ direct ports: 80 and 443 of a container's own IPv6 → the port that serves them
 *     forward (filter), from or to one of our bridges ──▶ guard: senders, then who may reach what, then drop
 *     postrouting (srcnat): hairpin → the bridge's address; private IPv4 → the public one
 *     prerouting (raw), postrouting (last): what is from and to a container is counted, where the file asks for it
 */
export function chainsOf(model: Model): readonly Chain[] {
  return [
    chain('port-forwards', '', portForwardRules()),
    chain('senders', '', senderRules()),
    chain('guard', '', guardRules(model)),
    ...hostChains(model),
    chain('filter-forward', 'filter forward 0 accept', forwardRules()),
    chain('nat-prerouting', 'nat prerouting -100 accept', [...listenRules(), directRule()]),
    chain('nat-output', 'nat output -100 accept', listenRules()),
    chain('nat-postrouting', 'nat postrouting 100 accept', sourceRules(model)),
    ...(model.metrics.containers ? trafficChains() : []),
    ...frameChains(),
  ]
}

function chain(name: string, hook: string, rules: readonly Rule[]): Chain {
  return { table: TABLE, name, hook, rules }
}

function portForwardRules(): readonly Rule[] {
  const port = 'meta l4proto . th dport'
  return [
    rule(`${port} ${ref('limited4')} ip saddr . ${port} != ${ref('allowed4')}`, 'return'),
    rule('', `dnat ip to ${port} map ${ref('forwards4')}`),
    rule('', `dnat ip to ${port} map ${ref('ranges4')}`),
  ]
}

/** A container sends only from its own addresses; ND of both kinds and DHCP pass here where br_netfilter is on. */
function senderRules(): readonly Rule[] {
  return [
    rule(`iifname . ip6 saddr ${ref('senders6')}`, 'return'),
    rule(`iifname . ip saddr ${ref('senders4')}`, 'return'),
    rule('ip6 saddr fe80::/10', 'return'),
    rule('ip6 saddr :: meta l4proto 58', 'return'),
    rule('ip saddr 0.0.0.0 udp sport 68 udp dport 67', 'return'),
    rule('', 'drop', 'spoofed'),
  ]
}

/** Only what comes from or goes to one of our bridges; other people's forwarding never gets here. */
function forwardRules(): readonly Rule[] {
  return [rule(`iifname ${ref('bridges')}`, 'goto guard'), rule(`oifname ${ref('bridges')}`, 'goto guard')]
}

function guardRules(model: Model): readonly Rule[] {
  const { firewall } = model
  const between = `iifname ${ref('bridges')} oifname ${ref('bridges')}`
  return [
    // Both ways, of both routes' MTU the smaller, never up: who loses "too big" on the way still gets through. Only SYN and
    // its answer carry the option, so this stands before `established`.
    rule('tcp flags syn', 'tcp option maxseg size set rt mtu'),
    ...(firewall.antiSpoof ? [rule(`iifname ${ref('bridges')}`, 'jump senders')] : []),
    // Else a scan of unused addresses fills the host's neighbour table. Broadcasts pass by here with br_netfilter only.
    ...(firewall.antiSpoof
      ? [rule(`${between} meta pkttype host oifname . ip daddr != ${ref('senders4')}`, 'drop', 'dropped')]
      : []),
    rule('ct state established,related', 'accept'),
    ...beginnings(model),
    ...takings(model),
    rule(`oifname ${ref('bridges')} ct status dnat`, 'accept'),
    // Same-bridge traffic comes by here where br_netfilter is on (T20), so this must stand before `invalid`.
    firewall.eastWest === 'allow' ? rule(between, 'accept') : rule(between, 'drop', 'dropped'),
    rule('ct state invalid', 'drop', 'invalid'),
    ...metadataRules(model),
    rule(`iifname ${ref('bridges')}`, 'accept'),
    // RFC 4890, 4.3.1: what must not be dropped. ND does not pass a router.
    rule(
      'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, echo-reply }',
      'accept',
    ),
    rule(`ip6 daddr . meta l4proto . th dport ${ref('exposed6')}`, 'accept'),
    rule(`ip6 daddr ${ref('open6')}`, 'accept'),
    ...(firewall.ipv6 === 'allow' ? [rule('meta nfproto ipv6', 'accept')] : []),
    rule('', 'drop', 'dropped'),
  ]
}

function listenRules(): readonly Rule[] {
  return [rule(`ip daddr ${ref('public4')}`, 'jump port-forwards')]
}

/** Not for what the host itself sends: the reverse proxy goes to the ports that it names. */
function directRule(): Rule {
  return rule('meta l4proto 6', `dnat ip6 to ip6 daddr . th dport map ${ref('direct6')}`)
}

function sourceRules(model: Model): readonly Rule[] {
  const hairpin = rule(
    // By addresses: in postrouting br_netfilter gives no input interface (T21).
    `ip saddr ${ref('networks4')} ip daddr ${ref('networks4')} ct status dnat`,
    'masquerade',
  )
  const outward = `ip saddr ${ref('networks4')}`
  switch (model.nat.source) {
    case 'snat':
      return [hairpin, rule(outward, `snat ip to oifname map ${ref('source4')}`)]
    case 'masquerade':
      return [hairpin, rule(`${outward} oifname "${model.upstream.interface}"`, 'masquerade')]
    case 'none':
      return [hairpin]
  }
}

/** Addresses as the container itself sees them: before any translation of what it sends, after that of what it gets. */
function trafficChains(): readonly Chain[] {
  return [
    chain('traffic-transmit', 'filter prerouting -300 accept', [
      rule(`iifname ${ref('bridges')}`, `counter name ip saddr map ${ref('transmit4')}`),
      rule(`iifname ${ref('bridges')}`, `counter name ip6 saddr map ${ref('transmit6')}`),
    ]),
    chain('traffic-receive', 'filter postrouting 300 accept', [
      rule(`oifname ${ref('bridges')}`, `counter name ip daddr map ${ref('receive4')}`),
      rule(`oifname ${ref('bridges')}`, `counter name ip6 daddr map ${ref('receive6')}`),
    ]),
  ]
}
