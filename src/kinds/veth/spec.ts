import { canonicalJson } from '../../engine/canonical-json.ts'

/** Both ends of a pair. `peer` is undefined while the other end is not where it should be. */
export interface VethSpec {
  readonly container: string
  readonly bridge: string
  readonly up: boolean
  readonly mtu: number
  readonly hairpin: boolean
  readonly isolated: boolean
  readonly alias: string
  readonly group: string
  readonly peer: PeerSpec | undefined
}

export interface PeerSpec {
  /** What the runtime calls the container; its network is entered by another word (World, `netns`). */
  readonly netns: string
  readonly interface: string
  readonly mac: string
  /** The one of the MAC, by which the firewall knows it; empty while it has none, left out without IPv6. */
  readonly linkLocal?: string
  readonly mtu: number
  readonly up: boolean
}

export function sameVeth(before: VethSpec, after: VethSpec): boolean {
  return canonicalJson(before) === canonicalJson(after)
}
