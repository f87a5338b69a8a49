import { replyText } from '../engine/observe.ts'
import type { Problem, Replies } from '../engine/types.ts'
import { featuresOf } from '../kinds/reverse-proxy/features.ts'
import { startedWith } from '../formats/sockets.ts'
import { parseServers, parseVersion } from '../formats/haproxy.ts'
import {
  ACCOUNTS,
  BASE,
  GID_MAP,
  INSTALLED,
  isRunning,
  PROCESSES,
  SERVERS,
  UID_MAP,
} from '../kinds/shared/proxy-probes.ts'
import { listenersOf, proxyAddresses } from '../model/reverse-proxy.ts'
import type { ProxyFacts, World } from '../model/world.ts'

export const NO_PROXY: ProxyFacts = {
  installed: undefined,
  features: [],
  oldProcesses: 0,
  running: undefined,
  user: undefined,
  health: new Map(),
}

export function proxyFacts(replies: Replies, { stateDir }: World['places']): ProxyFacts {
  const version = replyText(replies, INSTALLED.id)
  const running = isRunning(replies)
  const servers = replyText(replies, SERVERS.id)
  const installed = version === undefined ? undefined : parseVersion(version)
  // A master and its worker; what is more are workers that a reload has left to finish.
  const processes = startedWith(`${stateDir}/${BASE.file}`, replyText(replies, PROCESSES.id) ?? '')
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

/** The account that Debian's and other packages make, if this user namespace knows its numbers. */
function unprivilegedUser(replies: Replies): ProxyFacts['user'] {
  const accounts = replyText(replies, ACCOUNTS.id) ?? ''
  const [, uid, gid] = /^haproxy:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? []
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

/** sun_path holds 107 bytes (unix(7)); HAProxy binds under a longer name first. */
const LONGEST_RUN_DIR = 70

/** What keeps the routes from being served although each of them is right. */
export function proxyConditions(world: World): readonly Problem[] {
  const { routes } = world.model
  if (routes.length === 0) return []
  return [...noListener(world), ...noIpv6(world), ...longPath(world)]
}

function noListener(world: World): readonly Problem[] {
  const isNeeded = world.model.routes.some(({ ipv6 }) => ipv6 !== 'direct')
  if (!isNeeded || listenersOf(world).length > 0) return []
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

function longPath({ places }: World): readonly Problem[] {
  if (places.runDir.length <= LONGEST_RUN_DIR) return []
  return [
    {
      code: 'S64-H019',
      message: `routes: the run directory ${places.runDir} is too long for the name of a socket`,
      hint: `choose one of at most ${LONGEST_RUN_DIR} characters (--run-dir)`,
    },
  ]
}
