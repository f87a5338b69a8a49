import type { Argv, Topic } from '../engine/types.ts'
import { TABLE } from '../model/identity.ts'
import { IS_LOOPBACK_UP } from './echoes.ts'
import type { ReadLine } from './monitor.ts'
import type { MONITORS, Wish } from './types.ts'

type KernelMonitor = (typeof MONITORS)[number]

/**
 * What is listened to. `nft monitor` as text: its JSON leaves out who made a change (nft 1.0.6). The second one is told the
 * kind of every message too, elements included, and prints no elements: what nft 1.0.6 dies of it lives through.
 */
export const MONITOR_ARGV: Readonly<Record<KernelMonitor, Argv>> = {
  nft: ['nft', 'monitor'],
  'nft-tables': ['nft', '-d', 'netlink', 'monitor', 'tables'],
  ip: ['ip', '-o', 'monitor', 'label', 'link', 'address', 'route', 'netconf'],
}

/** Readers have a memory, so each monitor that is started gets one of its own. */
export function lineReader(name: KernelMonitor): ReadLine {
  return name === 'ip' ? readIpLine : nftReader()
}

const TABLE_NAME = TABLE.split(' ')[1] ?? ''
const OUR_TABLE = new RegExp(
  `^(add|create|delete|destroy|insert|replace) [a-z]+ (inet|bridge) ${TABLE_NAME}( |$)`,
)

/**
 * The line that names the process comes behind those of its transaction. Of changes in a set of concatenated ranges
 * that was there before the monitor, nft 1.0.6 prints nothing else: what is not shown may be ours, and blames nobody.
 */
function nftReader(): ReadLine {
  let [ours, shown] = [false, false]
  return (line) => {
    if (OUR_TABLE.test(line)) {
      ours = true
      const isGone = line.startsWith('delete table ')
      return isGone ? { ...firewallWish(), urgent: true } : firewallWish()
    }
    if (!line.startsWith('# new generation ')) {
      shown = true
      return undefined
    }
    const [isOurs, isHidden] = [ours, !ours && !shown]
    ours = false
    shown = false
    const by = /^# new generation \d+ by (process \d+ \(.*\))$/.exec(line)?.[1]
    if (isHidden) return firewallWish()
    return isOurs && by !== undefined ? { ...firewallWish(), by } : undefined
  }
}

/**
 * `netlink event: NFT_MSG_NEWSETELEM`, as `-d netlink` prints for each message, with no word of whose table it is. The end of
 * a transaction is one, too. Those of tables only are told by name as well.
 */
export function generationReader(): ReadLine {
  let isOpen = false
  return (line) => {
    const kind = /^netlink event: NFT_MSG_(\w+)$/.exec(line)?.[1]
    if (kind === undefined) return undefined
    if (kind !== 'NEWGEN') {
      isOpen ||= kind !== 'NEWTABLE' && kind !== 'DELTABLE'
      return undefined
    }
    const wasOpen = isOpen
    isOpen = false
    return wasOpen ? firewallWish() : undefined
  }
}

function firewallWish(): Wish {
  return { trigger: 'nft', topics: new Set(['firewall']) }
}

/**
 * `[LINK]3: d0@d1: <BROADCAST,UP> ...`, `[ADDR]Deleted 3: d0    inet ...`, `[ROUTE]...`, `[NETCONF]...`, as iproute2
 * 6.1 prints them with `-o ... label`.
 */
function readIpLine(line: string): Wish | undefined {
  if (IS_LOOPBACK_UP.test(line)) return undefined
  const [, label, rest = ''] = /^\[(LINK|ADDR|ROUTE|NETCONF)\](.*)$/.exec(line) ?? []
  switch (label) {
    case 'LINK':
      return linkWish(rest)
    case 'ADDR':
      return { trigger: 'ip', topics: new Set<Topic>(['link', `link ${nameIn(rest)}`]) }
    case 'ROUTE':
      return { trigger: 'ip', topics: new Set<Topic>(['route']) }
    case 'NETCONF':
      return { trigger: 'ip', topics: new Set<Topic>(['setting']) }
    default:
      return undefined
  }
}

function linkWish(rest: string): Wish {
  const name = nameIn(rest)
  const flags = /<([A-Z_,0-9-]*)>/.exec(rest)?.[1]?.split(',') ?? []
  const isLost = rest.startsWith('Deleted') || !flags.includes('UP')
  const topics = new Set<Topic>(['link', `link ${name}`])
  return { trigger: 'ip', topics, ...(isLost && { lost: new Set([name]) }) }
}

/** `Deleted 3: d0@d1: ` and `3: d0    inet` → `d0`. */
function nameIn(rest: string): string {
  return /^(?:Deleted )?\d+: ([^ :@]+)/.exec(rest)?.[1] ?? ''
}
