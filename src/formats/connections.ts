import { canonicalIpv4, canonicalIpv6 } from '../net/address.ts'

/** One established TCP connection of this network namespace. */
export interface Connection {
  readonly local: string
  readonly localPort: number
  readonly peer: string
  /** Who holds it; empty without the privilege to see it. */
  readonly pids: readonly number[]
}

/** What asks for them. */
export const CONNECTIONS_ARGV = ['ss', '-H', '-tnp', 'state', 'established'] as const

/** What asks which process started which. */
export const PARENTS_ARGV = ['ps', '-e', '-o', 'pid=,ppid='] as const

/** Reads `0 36 203.0.113.2:22 198.51.100.10:50022 users:(("sshd",pid=12,fd=4))` (iproute2 6.1). */
export function parseConnections(text: string): readonly Connection[] {
  return text.split('\n').flatMap((line) => {
    const [local, peer] = line
      .split(/\s+/)
      .flatMap((word) => endpointOf(word) ?? [])
      .slice(0, 2)
    if (local === undefined || peer === undefined) return []
    const pids = [...line.matchAll(/,pid=(\d+)/g)].map(([, pid]) => Number(pid))
    return [{ local: local.address, localPort: local.port, peer: peer.address, pids }]
  })
}

/** `203.0.113.2:22`, `[::ffff:203.0.113.2]:22` (RFC 4291, 2.5.5.2), `[fe80::1%eth0]:22`. */
function endpointOf(word: string): { readonly address: string; readonly port: number } | undefined {
  const [, place = '', port] = /^(\S+):(\d+)$/.exec(word) ?? []
  const bare = place
    .replace(/^\[|\]$/g, '')
    .replace(/%.*/, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, '')
  const address = canonicalIpv4(bare) ?? canonicalIpv6(bare)
  return address === undefined ? undefined : { address, port: Number(port) }
}

/** A process, and all that it comes from: lines `PID PARENT` of `PARENTS_ARGV`. */
export function ancestry(pid: number, text: string): ReadonlySet<number> {
  const parents = new Map(
    text.split('\n').flatMap((line): [number, number][] => {
      const [, own, parent] = /^\s*(\d+)\s+(\d+)\s*$/.exec(line) ?? []
      return own === undefined ? [] : [[Number(own), Number(parent)]]
    }),
  )
  const found = new Set<number>()
  for (let at: number | undefined = pid; at !== undefined && at > 1 && !found.has(at); at = parents.get(at))
    found.add(at)
  return found
}
