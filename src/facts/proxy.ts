import { problemOfError } from '../engine/problems.ts'
import { replyText } from '../engine/observe.ts'
import type { Problem, Replies } from '../engine/types.ts'
import { featuresOf } from '../kinds/reverse-proxy/features.ts'
import { placesFault } from '../kinds/reverse-proxy/places.ts'
import { startedWith } from '../formats/sockets.ts'
import { parseServers, parseVersion } from '../formats/haproxy.ts'
import {
  ACCOUNTS,
  BASE,
  GID_MAP,
  INSTALLED,
  isRunning,
  misread,
  PROCESSES,
  SERVERS,
  UID_MAP,
} from '../kinds/shared/proxy-probes.ts'
import { proxyAddresses, proxyDemand } from '../model/reverse-proxy.ts'
import type { ProxyFacts, World } from '../model/world.ts'

export const NO_PROXY: ProxyFacts = {
  installed: undefined,
  features: [],
  oldProcesses: 0,
  running: undefined,
  user: undefined,
  health: new Map(),
}

export function proxyFacts(replies: Replies, { stateDir, network }: World['places']): ProxyFacts {
  const version = replyText(replies, INSTALLED.id)
  const running = isRunning(replies)
  const servers = replyText(replies, SERVERS.id)
  const installed = version === undefined || misread(replies) ? undefined : parseVersion(version)
  // A master and its worker; what is more are workers that a reload has left to finish.
  const processes = startedWith(`${stateDir}/${BASE.file}`, network, replyText(replies, PROCESSES.id) ?? '')
  return {
    installed,
    features: installed === undefined ? [] : featuresOf(installed),
    oldProcesses: running === true ? Math.max(0, processes.size - 2) : 0,
    running,
    user: unprivilegedUser(replies),
    health: new Map(
      running === true && servers !== undefined
        ? parseServers(servers).map(({ backend, health }) => [backend, health])
        : [],
    ),
  }
}

/** The account that Debian's and other packages make, else `nobody`, if this user namespace knows its numbers. */
function unprivilegedUser(replies: Replies): ProxyFacts['user'] {
  const accounts = replyText(replies, ACCOUNTS.id) ?? ''
  const [, uid, gid] =
    /^haproxy:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? /^nobody:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? []
  if (uid === undefined || gid === undefined) return undefined
  const isKnown = isMapped(Number(uid), replyText(replies, UID_MAP.id) ?? '')
  return isKnown && isMapped(Number(gid), replyText(replies, GID_MAP.id) ?? '')
    ? { uid: Number(uid), gid: Number(gid) }
    : undefined
}

/** `/proc/self/uid_map`: lines `FIRST OUTSIDE COUNT` (user_namespaces(7)). */
function isMapped(id: number, text: string): boolean {
  return text.split('\n').some((line) => {
    const [first, , count] = line.trim().split(/\s+/).map(Number)
    return first !== undefined && count !== undefined && id >= first && id < first + count
  })
}

/** What keeps the routes from being served although each of them is right. */
export function proxyConditions(world: World, replies: Replies): readonly Problem[] {
  const { routes } = world.model
  if (routes.length === 0) return []
  const error = misread(replies)
  return [
    ...(error === undefined ? [] : [problemOfError(error, 'observe')]),
    ...noListener(world),
    ...noIpv6(world),
    ...oddPlaces(world),
  ]
}

function noListener(world: World): readonly Problem[] {
  if (proxyDemand(world) !== 'waiting') return []
  return [
    {
      code: 'S64-H016',
      message: 'routes: there is no address of this host on which the reverse proxy could listen',
      hint: 'set upstream.ipv4, or wait until the upstream interface has an address',
    },
  ]
}

function noIpv6(world: World): readonly Problem[] {
  const isWanted = world.model.routes.some(({ ipv6 }) => ipv6 === 'proxy')
  if (!isWanted || proxyAddresses(world).ipv6.length > 0) return []
  return [
    {
      code: 'S64-H018',
      message: `routes: with \`ipv6: proxy\` names lead to this host's IPv6, but ${world.model.upstream.interface} has none`,
      hint: 'give the interface a global IPv6; or write `ipv6: off` (or `direct`) into the routes',
    },
  ]
}

function oddPlaces({ places }: World): readonly Problem[] {
  const fault = placesFault(places)
  if (fault === undefined) return []
  const hint = 'choose others: --run-dir, --state-dir; short, of plain letters, without comma and $'
  return [{ code: 'S64-H019', message: `routes: ${fault}`, hint }]
}
