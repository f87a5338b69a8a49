import { canonicalIpv4, canonicalIpv6 } from '../net/address.ts'

/** One listening TCP socket of `ss -H -ltnp`. */
export interface ListeningSocket {
  /** Canonical; undefined: every address of the families. */
  readonly address: string | undefined
  readonly families: readonly (4 | 6)[]
  readonly port: number
  /** Who holds it; empty without the privilege to see it. */
  readonly processes: readonly { readonly program: string; readonly pid: number }[]
}

/** Reads `LISTEN 0 4096 127.0.0.1%lo:80 0.0.0.0:* users:(("nginx",pid=12,fd=6),...)` (iproute2 6.1). */
export function parseListening(text: string): readonly ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, , , local = ''] = line.trim().split(/\s+/)
    const [, place = '', port] = /^(.*):(\d+)$/.exec(local) ?? []
    if (port === undefined) return []
    return [{ ...placeOf(place), port: Number(port), processes: processesOf(line) }]
  })
}

/** `*` is IPv6 and IPv4 together, `0.0.0.0` and `[::]` one of them. */
function placeOf(text: string): Pick<ListeningSocket, 'address' | 'families'> {
  // ::ffff:203.0.113.2 is an IPv4 that a socket for both families listens on (RFC 4291, 2.5.5.2).
  const bare = text
    .replace(/%[^\]]*/, '')
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, '')
  if (bare === '*') return { address: undefined, families: [4, 6] }
  if (bare === '0.0.0.0') return { address: undefined, families: [4] }
  if (bare === '::') return { address: undefined, families: [6] }
  const address = canonicalIpv4(bare) ?? canonicalIpv6(bare) ?? bare
  return { address, families: [bare.includes(':') ? 6 : 4] }
}

/** The sockets of others that keep `endpoint` from being bound. */
export function inTheWay(
  endpoint: { readonly address: string; readonly port: number },
  sockets: readonly ListeningSocket[],
  ours: ReadonlySet<number>,
): readonly ListeningSocket[] {
  const family = endpoint.address.includes(':') ? 6 : 4
  return sockets.filter(
    ({ address, families, port, processes }) =>
      port === endpoint.port &&
      (address === undefined ? families.includes(family) : address === endpoint.address) &&
      !processes.some(({ pid }) => ours.has(pid)),
  )
}

/** `nginx (process 12)`. */
export function holderOf({ processes: [first] }: ListeningSocket): string {
  return first === undefined ? 'another program' : `${first.program} (process ${first.pid})`
}

function processesOf(line: string): ListeningSocket['processes'] {
  return [...line.matchAll(/\("((?:[^"\\]|\\.)*)",pid=(\d+)/g)].map(([, program = '', pid]) => ({
    program,
    pid: Number(pid),
  }))
}

/** What asks for the processes of every HAProxy; process 1 too, because ps ends with 1 where it finds nothing. */
export const PROCESSES_ARGV = ['ps', '-ww', '-o', 'pid=,netns=,args=', '-p', '1', '-C', 'haproxy'] as const

/** What asks who listens on the shared ports. */
export const LISTENING_ARGV = ['ss', '-H', '-ltnp', '( sport = :80 or sport = :443 )'] as const

/** The processes of `PROCESSES_ARGV` that were started with `-f file`, in this network namespace where it is known. */
export function startedWith(file: string, network: string, text: string): ReadonlySet<number> {
  const pids = text.split('\n').flatMap((line) => {
    const [, pid, netns, args = ''] = /^\s*(\d+)\s+(\S+)\s(.*)$/.exec(line) ?? []
    const isHere = network === '' || netns === network
    return isHere && args.includes(` -f ${file} `) && !/ -c /.test(args) ? [Number(pid)] : []
  })
  return new Set(pids)
}

/** One listening socket of TCP, or one of UDP that nobody is connected to. */
export interface HostListener extends ListeningSocket {
  readonly protocol: 'tcp' | 'udp'
  /** The only interface by which it is reached. */
  readonly device?: string
}

/** What asks who listens on any port. */
export const HOST_LISTENERS_ARGV = ['ss', '-H', '-lntu'] as const

/** Reads `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*` (iproute2 6.1), with or without `users:(...)`. */
export function parseHostListeners(text: string): readonly HostListener[] {
  return text.split('\n').flatMap((line) => {
    const [, word, rest = ''] = /^(tcp|udp)\s+(.*)$/.exec(line) ?? []
    const protocol = (['tcp', 'udp'] as const).find((name) => name === word)
    if (protocol === undefined) return []
    const [, device] = /^\S+\s+\d+\s+\d+\s+\S+?%([^\s\]:]+)/.exec(rest) ?? []
    const where = device === undefined ? {} : { device }
    return parseListening(rest).map((socket) => ({ ...socket, protocol, ...where }))
  })
}
