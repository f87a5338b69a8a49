/** One step after another, on the memory host and on the kernel. */
export interface Case {
  readonly title: string
  readonly steps: readonly Step[]
}

/** A script runs as one batch or transaction; `in` names a container's namespace. */
export type Step =
  | { readonly ip: string; readonly in?: 'c1' }
  | { readonly batch: string; readonly in?: 'c1' }
  | { readonly nft: string }
  | { readonly sysctl: string; readonly value: string }

/** A bridge as the product makes it. */
export const BRIDGE = [
  'link add name br address 02:aa:bb:cc:dd:ee mtu 1500 up type bridge',
  'link set dev br alias "slash64 bridge br" group 164',
  'addr add 2001:db8:1:1::1:1/128 dev br nodad metric 164',
  'addr add 10.64.0.1/24 dev br metric 164',
].join('\n')

/** A veth pair with its inner end in the container's namespace. */
export const PAIR =
  'link add name w address 02:00:00:00:00:02 master br group 164 up type veth peer name eth0 address 02:00:00:00:00:01 netns c1'

/** What is done inside. */
export const INSIDE = [
  'link set dev eth0 up',
  'addr add 2001:db8:1:1::1:2/112 dev eth0 nodad metric 164',
  'addr add 10.64.0.2/24 dev eth0 metric 164',
  'route add default via 10.64.0.1 dev eth0 proto 164',
  'route add default via 2001:db8:1:1::1:1 dev eth0 proto 164',
].join('\n')

/** One command a line, each on its own. */
export function ip(...lines: readonly string[]): Step[] {
  return lines.map((line) => ({ ip: line }))
}
