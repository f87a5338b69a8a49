import { expect, it } from 'vitest'
import { parseNetlinkSockets } from '../../src/system/netlink-sockets.ts'

it('reads /proc/net/netlink (Linux 6.18): the head, and what is no socket, left out', () => {
  const text = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
000000006665edfa 0   11865      15800551 4096     0        0     2        7        1161806
00000000fa4f4542 12  3221225473 ffffffff 0        0        1     2        0        4
what else
`
  expect(parseNetlinkSockets(text)).toEqual([
    { protocol: 0, groups: 0x1580_0551, queued: 4_096, drops: 7, inode: '1161806' },
    { protocol: 12, groups: 0xffff_ffff, queued: 0, drops: 0, inode: '4' },
  ])
  expect(parseNetlinkSockets('')).toEqual([])
})
