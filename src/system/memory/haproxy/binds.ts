import { covers, parseAddress } from '../inet.ts'
import type { Bind, ForeignListener, Instance } from './state.ts'
import type { World } from '../state.ts'

/** Why these cannot be bound, as haproxy tells it, IPv6 first; `held` are taken over from the worker before. */
export function bindFaults(world: World, binds: readonly Bind[], held: readonly Bind[]): string[] {
  const kept = new Set(held.map(textOf))
  const wanted = [...binds.filter(isIPv6), ...binds.filter((bind) => !isIPv6(bind))]
  return wanted.flatMap((bind) => {
    const why = kept.has(textOf(bind)) ? undefined : faultOf(world, bind)
    if (why === undefined) return []
    const { place, frontend } = bind
    return [`Binding [${place}] for frontend ${frontend}: cannot bind socket (${why}) for [${textOf(bind)}]`]
  })
}

function faultOf(world: World, bind: Bind): string | undefined {
  if (!isLocal(world, bind.address)) return 'Cannot assign requested address'
  const taken = world.proxy.listeners.some((listener) => listener.shares !== true && meet(listener, bind))
  return taken ? 'Address already in use' : undefined
}

/** Whether a link that is up has the address; wildcards always are. */
export function isLocal(world: World, text: string): boolean {
  if (isWildcard(text)) return true
  const address = parseAddress(text)
  return [...world.host.links.values()].some(
    ({ kind, up, addresses }) =>
      up &&
      addresses.some(({ prefix }) => {
        if (address?.family !== prefix.family) return false
        const whole = kind === 'loopback' && prefix.family === 4
        return whole ? covers(prefix, address) : prefix.value === address.value
      }),
  )
}

interface Place {
  readonly address: string
  readonly port: number
}

/** Whether two sockets want the same port of one address. `*` is both families, `::` only IPv6. */
export function meet(one: Place, other: Place): boolean {
  if (one.port !== other.port) return false
  if (one.address === '*' || other.address === '*') return true
  const [left, right] = [parseAddress(one.address), parseAddress(other.address)]
  if (left === undefined || left.family !== right?.family) return false
  return isWildcard(one.address) || isWildcard(other.address) || left.value === right.value
}

function isWildcard(address: string): boolean {
  return address === '*' || address === '0.0.0.0' || address === '::'
}

function isIPv6({ address }: Bind): boolean {
  return address.includes(':')
}

function textOf({ address, port }: Bind): string {
  return `${address}:${port}`
}

/** `ss -H -ltnp FILTER`: TCP sockets that listen on these ports. */
export function listSockets(world: World, ports: readonly number[]): string {
  return allSockets(world)
    .filter(({ port }) => ports.includes(port))
    .map(socketLine)
    .join('')
}

/** `ss -H -lntu`: the same of every port, each with its protocol before it. */
export function listAllSockets(world: World): string {
  return allSockets(world)
    .map((socket) => `tcp   ${socketLine(socket)}`)
    .join('')
}

function allSockets({ proxy: { listeners, instances } }: World): readonly ForeignListener[] {
  return [...listeners, ...instances.filter(({ stopping }) => !stopping).flatMap(socketsOf)]
}

function socketsOf({ worker }: Instance): ForeignListener[] {
  return worker.config.binds.map(({ address, port }) => ({
    address,
    port,
    program: 'haproxy',
    pid: worker.pid,
  }))
}

function socketLine({ address, port, program, pid }: ForeignListener): string {
  const isV6 = address.includes(':')
  const peer = address === '*' ? '*:*' : isV6 ? '[::]:*' : '0.0.0.0:*'
  const local = `${isV6 ? `[${address}]` : address}:${port}`
  return `LISTEN 0      4096   ${local} ${peer} users:(("${program}",pid=${pid},fd=7))\n`
}
