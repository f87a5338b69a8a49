import type { Problem } from '../../engine/types.ts'
import { holderOf } from '../../formats/sockets.ts'
import type { Forward, Model } from '../../model/types.ts'
import { formatPorts } from '../../net/port.ts'
import type { Hiding } from './forwards.ts'
import type { NetworkLockout } from './networks.ts'

const ALLOW = 'or, if you are sure, allow it once: --allow-lockout'
const STAYS = 'it is held back, and what runs stays'

export function networkRefused({ network, cidr, whom }: NetworkLockout): Problem {
  const what =
    whom === undefined
      ? `whom ${cidr} would cut off could not be found out`
      : `${cidr} holds ${whom}, which would be cut off`
  return {
    code: 'S64-G010',
    path: ['networks', network],
    message: `network ${network}: ${what}; ${STAYS}`,
    hint: `choose a subnet that nobody else is in; ${ALLOW}`,
  }
}

export function forwardRefused({ forward }: Hiding, whom: string): Problem {
  return {
    code: 'S64-G011',
    message: `the forward ${forwardWords(forward)} would take the way into this host: ${whom}; ${STAYS}`,
    hint: `forward another port, or let SSH listen on another one first; ${ALLOW}`,
  }
}

export function ipv4Refused({ upstream }: Model, has: readonly string[]): Problem {
  const { interface: name, ipv4 = '' } = upstream
  const words = has.length > 0 ? `${name} has ${has.join(', ')}` : `${name} has no IPv4`
  return {
    code: 'S64-G012',
    path: ['upstream', 'ipv4'],
    message: `upstream.ipv4 ${ipv4} is on no interface of this host (${words}); the source of what leaves, forwards and routes are held back, and what runs of them stays`,
    hint: `correct upstream.ipv4, or leave it out to take what the interface has; ${ALLOW}`,
  }
}

export function prefixRefused({ prefix, upstream }: Model): Problem {
  return {
    code: 'S64-G013',
    path: ['prefix', 'cidr'],
    message: `nothing of the prefix ${prefix.cidr} is on ${upstream.interface}, and containers would lose the IPv6 that they have; networks with IPv6 are held back, and what runs stays`,
    hint: `correct prefix.cidr; or give ${upstream.interface} an address of the new prefix first; ${ALLOW}`,
  }
}

export function uplinkRefused({ upstream }: Model, left: string): Problem {
  return {
    code: 'S64-G014',
    path: ['upstream', 'interface'],
    message: `no default route leads out by ${upstream.interface}, and the containers are served on ${left}, by which one does; the file is held back, and what runs stays`,
    hint: `correct upstream.interface (${left} so far); ${ALLOW}`,
  }
}

/** What was applied cannot be told from what is new, so nothing is changed at all. */
export const LOST = 'S64-G019'

export const LOST_PROBLEM: Problem = {
  code: LOST,
  message:
    'part of the file is refused, and what was accepted before is not known (accepted.json in the state directory): all changes are held back',
  hint: 'correct the file: then everything is applied again',
}

/** Forwarded all the same: it is told, because the program hears nothing from outside any more. */
export function hidingWarning({ forward, listeners }: Hiding): Problem {
  const [first] = listeners
  const names = [...new Set(listeners.map((one) => `${holderOf(one)} on port ${one.port}`))]
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return {
    code: 'S64-F020',
    severity: 'warning',
    message: `the forward ${forwardWords(forward)} takes what was for programs of this host: ${names.slice(0, 3).join(', ')}${more}`,
    hint: `forward another port; or stop the program, or let it listen elsewhere (ss -lntup 'sport = :${first?.port}')`,
  }
}

function forwardWords({ protocol, listen, container }: Forward): string {
  return `${formatPorts(listen)}/${protocol} to ${container}`
}
