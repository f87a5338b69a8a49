import type { Lab } from './lab.ts'

/** Somebody else's firewall, as another program would have it: named objects, a counter, a chain that counts. */
const TABLE = `
table inet someone {
  comment "not ours"
  counter visits { packets 12 bytes 3400 }
  set bad {
    type ipv4_addr
    flags interval
    elements = { 192.0.2.0/25, 192.0.2.200 }
  }
  map ports {
    type inet_service : ipv4_addr
    elements = { 9000 : 192.0.2.9 }
  }
  chain elsewhere {
    ip saddr @bad drop
  }
  chain input {
    type filter hook input priority 10; policy accept;
    jump elsewhere
    tcp dport 9 counter name visits drop
  }
}
table ip nat {
  chain postrouting {
    type nat hook postrouting priority 200; policy accept;
    oifname "nowhere" masquerade
  }
}
`

/** Objects of other programs around and beside ours: the words that they share with ours are chosen to tempt. */
const LINES = [
  'link add br-other type bridge',
  'link set br-other alias "a bridge of somebody else" group 7',
  'link set br-other up',
  'address add 192.0.2.129/26 dev br-other',
  'route add 192.0.2.64/28 via 203.0.113.1 proto 99',
  'route add unreachable 2001:db8:1:1::dead:0/112 metric 77 proto 99',
  'route add 2001:db8:1:1::1:ff00/128 via 2001:db8:1:1::ffff proto static',
  'neigh add proxy 2001:db8:1:1::feed dev eth0 protocol 99',
  'neigh add proxy 2001:db8:1:1::beef dev eth0',
  'rule add from 192.0.2.77 lookup 77 pref 7700',
]

/** Lays foreign objects of every sort into the host. */
export async function addForeign(lab: Lab): Promise<void> {
  await lab.must('host', ['nft', '-f', '-'], { input: TABLE })
  await lab.ip('host', ...LINES)
  await lab.writeSysctl('host', 'net/ipv4/conf/eth0/log_martians', 1)
}

/** Stable text of everything foreign in the host: equal text means that nobody touched it. */
export async function snapshotForeign(lab: Lab): Promise<string> {
  const dumps = [
    ['nft', '-n', 'list table inet someone'],
    ['nft', '-n', 'list table ip nat'],
    ['ip', '-N', '-d', 'link', 'show', 'dev', 'br-other'],
    ['ip', '-N', 'address', 'show', 'dev', 'br-other'],
    ['ip', '-N', 'address', 'show', 'dev', 'eth0'],
    ['ip', 'rule'],
    ['cat', '/proc/sys/net/ipv4/conf/eth0/log_martians'],
  ]
  const filtered = [
    ['ip', '-N', '-4', 'route', 'show', 'table', 'all'],
    ['ip', '-N', '-6', 'route', 'show', 'table', 'all'],
    ['ip', '-N', '-6', 'neigh', 'show', 'proxy'],
  ]
  const whole = await Promise.all(dumps.map(async (argv) => lab.must('host', argv)))
  const others = await Promise.all(filtered.map(async (argv) => withoutOurs(await lab.must('host', argv))))
  return [...whole.map(stable), ...others].join('\n---\n')
}

/** Without lines that bear our mark, and routes that the kernel makes by itself (proto 2): forwarding alone adds some. */
function withoutOurs(text: string): string {
  const foreign = text.split('\n').filter((line) => !/\bproto (164|2)\b/.test(line))
  return foreign
    .map((line) => line.trim())
    .toSorted()
    .join('\n')
}

/** Timers and lifetimes count by themselves. */
function stable(text: string): string {
  return text.replaceAll(/\b(hello_timer|tcn_timer|topology_change_timer|gc_timer|.._sec)\s+[\d.]+/g, '$1')
}
