/** One socket of /proc/net/netlink (net/netlink/af_netlink.c, netlink_native_seq_show). */
export interface NetlinkSocket {
  /** NETLINK_ROUTE is 0, NETLINK_NETFILTER 12 (linux/netlink.h). */
  readonly protocol: number
  /** The first 32 multicast groups that it has joined, group 1 as the lowest bit. */
  readonly groups: number
  /** Bytes that wait to be read. */
  readonly queued: number
  /** Messages that did not fit. */
  readonly drops: number
  readonly inode: string
}

/** Reads `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`, a socket a line. */
export function parseNetlinkSockets(text: string): readonly NetlinkSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, protocol, , groups, queued, , , , drops, inode] = line.trim().split(/\s+/)
    if (inode === undefined || !/^\d+$/.test(inode)) return []
    return [
      {
        protocol: Number(protocol),
        groups: Number.parseInt(groups ?? '', 16),
        queued: Number(queued),
        drops: Number(drops),
        inode,
      },
    ]
  })
}
