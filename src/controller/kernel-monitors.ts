import type { Topic } from '../engine/types.ts'
import { IP_ECHO, NFT_ECHO } from './echoes.ts'
import { generationReader, lineReader, MONITOR_ARGV } from './monitor-lines.ts'
import type { Monitor } from './monitor.ts'

const FIREWALL: ReadonlySet<Topic> = new Set(['firewall'] as const)
const HOST: ReadonlySet<Topic> = new Set(['link', 'route', 'setting'] as const)

const POLLED = { when: 'unproved', every: 1_000, times: 5 } as const
const LATER = 'at least each second, or for a fifth of the time'

/** NFNLGRP_NFTABLES is 7 (linux/netfilter/nfnetlink.h). */
const NFT_PROOF = { protocol: 12, groups: 0x40, echo: NFT_ECHO }
/** RTNLGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE, IPV4_NETCONF, IPV6_NETCONF (linux/rtnetlink.h). */
const IP_PROOF = { protocol: 0, groups: 0x0180_0551, echo: IP_ECHO }

/** What the kernel tells of, whatever the file says. */
export const KERNEL_MONITORS: readonly Monitor[] = [
  {
    name: 'nft',
    argv: MONITOR_ARGV.nft,
    reader: () => lineReader('nft'),
    missed: { trigger: 'monitor', topics: FIREWALL },
    // What it died of was an event, too.
    ended: { trigger: 'nft', topics: FIREWALL },
    unheard: `the firewall is looked at ${LATER}`,
    proof: NFT_PROOF,
    polled: { topics: FIREWALL, ...POLLED },
  },
  {
    name: 'nft-tables',
    argv: MONITOR_ARGV['nft-tables'],
    lineWise: true,
    reader: () => lineReader('nft-tables'),
    missed: { trigger: 'monitor', topics: FIREWALL },
    unheard: `the firewall is looked at ${LATER}`,
    proof: NFT_PROOF,
    polled: { topics: FIREWALL, ...POLLED },
    standIn: { of: 'nft', reader: generationReader },
  },
  {
    name: 'ip',
    argv: MONITOR_ARGV.ip,
    reader: () => lineReader('ip'),
    missed: { trigger: 'monitor', topics: HOST },
    unheard: `links, routes and settings are looked at ${LATER}`,
    proof: IP_PROOF,
    polled: { topics: HOST, ...POLLED },
  },
]
