import type { Probe, Problem, Replies } from '../../engine/types.ts'
import { linkNamed, LINKS, ROUTES4, ROUTES6 } from '../../kinds/shared/probes.ts'
import type { Forward, Model } from '../../model/types.ts'
import { SystemError } from '../../system/errors.ts'
import { ACCEPTED, acceptedModel } from '../accepted.ts'
import { holdNetworks, isSameSubnets } from '../held-networks.ts'
import { isStandingForward } from './forwards-before.ts'
import { hidingForwards, isActivated, SSH_SOCKETS, wayIn } from './forwards.ts'
import type { Hiding } from './forwards.ts'
import { holdForwards, holdIpv4 } from './held-parts.ts'
import { networkLockouts } from './networks.ts'
import type { NetworkLockout } from './networks.ts'
import { ALL_ROUTES, CONNECTIONS, HOST_LISTENERS, LISTENERS_NAMED, PARENTS, SELF } from './probes.ts'
import { newClaims, ourBridges } from './standing.ts'
import { isIpv4Missing, isPrefixStrange, isServedElsewhere, leftUplink } from './upstream.ts'
import {
  forwardRefused,
  hidingWarning,
  ipv4Refused,
  LOST_PROBLEM,
  networkRefused,
  prefixRefused,
  uplinkRefused,
} from './words.ts'

/** The file with what would lock somebody out left as it was. */
export interface Guarded {
  /** What is enforced; the very model of the file where nothing is refused. */
  readonly model: Model
  readonly refusals: readonly Problem[]
  readonly warnings: readonly Problem[]
  /** What was accepted before is not known, so that nothing can stand in for what is refused. */
  readonly lost: boolean
}

/** What is read to find out; of a file that is in force already, next to nothing. */
export function guardProbes(model: Model, known: Replies): readonly Probe[] {
  if (model.networks.length === 0) return []
  const listeners = model.nat.forwards.length > 0 ? [HOST_LISTENERS] : []
  if (![LINKS, ROUTES4, ROUTES6].every(({ id }) => known.has(id))) return listeners
  try {
    return [...listeners, ...moreProbes(model, known)]
  } catch (error) {
    // It is told by whoever looks at what could not be understood.
    if (error instanceof SystemError) return listeners
    throw error
  }
}

const WHO: readonly Probe[] = [CONNECTIONS, PARENTS, SELF]

function moreProbes(model: Model, known: Replies): readonly Probe[] {
  const hiding = hidingForwards(model, known)
  const isNew = newClaims(model, known).length > 0
  const isNewForward = hiding.some(({ forward }) => !isStandingForward(forward, known, undefined))
  const { networks, ipv4, prefix, left } = findings(model, known)
  const isRefused = networks.length > 0 || ipv4 || prefix || left !== undefined || isNewForward
  return [
    ...(isNew || isServedElsewhere(model, known) ? ALL_ROUTES : []),
    ...(isNew || isNewForward ? WHO : []),
    ...(hiding.length > 0 ? [LISTENERS_NAMED] : []),
    ...(isActivated(hiding) ? [SSH_SOCKETS] : []),
    ...(isRefused ? [ACCEPTED] : []),
  ]
}

interface Findings {
  readonly networks: readonly NetworkLockout[]
  readonly ipv4: boolean
  readonly prefix: boolean
  readonly left: string | undefined
}

/** What is wrong with the file on this host, apart from what was so before. */
function findings(model: Model, replies: Replies, before?: Model): Findings {
  const bridges = bridgeNames(model, replies)
  const wasAccepted = ({ network }: NetworkLockout): boolean => {
    const [one, other] = [before, model].map((of) => of?.networks.find(({ name }) => name === network))
    return bridges.has(network) && one !== undefined && other !== undefined && isSameSubnets(one, other)
  }
  const left = leftUplink(model, replies)
  return {
    networks: networkLockouts(model, replies).filter((one) => !wasAccepted(one)),
    ipv4: isIpv4Missing(model, replies) && before?.upstream.ipv4 !== model.upstream.ipv4,
    prefix: isPrefixStrange(model, replies) && before?.prefix.cidr !== model.prefix.cidr,
    left: before?.upstream.interface === model.upstream.interface ? undefined : left,
  }
}

function bridgeNames(model: Model, replies: Replies): ReadonlySet<string> {
  return new Set(ourBridges(model, replies).map(({ name }) => name))
}

/** Judges the file. What is `allowed` is refused to nobody. */
export function guarded(model: Model, replies: Replies, allowed: boolean): Guarded {
  const before = acceptedModel(replies)
  const hiding = hidingForwards(model, replies)
  const refused = allowed ? new Map<Forward, Problem>() : refusedForwards(hiding, replies, before)
  const warnings = hiding
    .filter(({ forward, listeners }) => !refused.has(forward) && listeners.length > 0)
    .map(hidingWarning)
  const found = allowed ? undefined : findings(model, replies, before)
  const refusals = [...(found === undefined ? [] : problemsOf(found, model, replies)), ...refused.values()]
  const isLost = refusals.length > refused.size && before === undefined
  if (isLost && bridgeNames(model, replies).size > 0)
    return { model, refusals: [...refusals, LOST_PROBLEM], warnings, lost: true }
  const rest = found === undefined ? model : heldModel(model, found, replies, before)
  return { model: holdForwards(rest, before, new Set(refused.keys())), refusals, warnings, lost: false }
}

/** The model that is enforced, as far as it is known from what was read. */
export function enforced(model: Model, known: Replies, allowed: boolean): Model {
  if (!known.has(ACCEPTED.id)) return model
  try {
    return guarded(model, known, allowed).model
  } catch (error) {
    if (error instanceof SystemError) return model
    throw error
  }
}

function refusedForwards(
  hiding: readonly Hiding[],
  replies: Replies,
  before: Model | undefined,
): ReadonlyMap<Forward, Problem> {
  return new Map(
    hiding.flatMap((one): [Forward, Problem][] => {
      if (isStandingForward(one.forward, replies, before)) return []
      const whom = wayIn(one, replies)
      return whom === undefined ? [] : [[one.forward, forwardRefused(one, whom)]]
    }),
  )
}

function problemsOf(found: Findings, model: Model, replies: Replies): readonly Problem[] {
  const { networks, ipv4, prefix, left } = found
  if (left !== undefined) return [uplinkRefused(model, left)]
  const has = linkNamed(replies, model.upstream.interface)?.addresses.filter(({ family }) => family === 4)
  return [
    ...networks.map(networkRefused),
    ...(prefix ? [prefixRefused(model)] : []),
    ...(ipv4 ? [ipv4Refused(model, has?.map(({ address }) => address) ?? [])] : []),
  ]
}

function heldModel(model: Model, found: Findings, replies: Replies, before: Model | undefined): Model {
  const { networks, ipv4, prefix, left } = found
  if (left !== undefined && before !== undefined) return before
  const names = new Set([
    ...networks.map(({ network }) => network),
    ...model.networks.filter((network) => prefix && network.ipv6).map(({ name }) => name),
  ])
  const held = holdNetworks(model, names, { before, bridges: bridgeNames(model, replies) })
  const whole = prefix && before !== undefined ? { ...held, prefix: before.prefix } : held
  return ipv4 ? holdIpv4(whole, before) : whole
}
