import type { Container, Model, Network } from '../model/types.ts'
import { overlaps, parseCidr } from '../net/address.ts'

/** What runs, as far as it is known: what was accepted last, and which bridges of ours stand. */
export interface Running {
  readonly before: Model | undefined
  readonly bridges: ReadonlySet<string>
}

/**
 * The model in which some networks are held back: nothing of the file's is made of them, their containers, forwards and
 * routes. What was accepted of them before stands in their place, so that it stays and is healed; the rest is the file's.
 * A network from which a held one takes containers keeps those, and one that needs the addresses of such waits with it.
 */
export function holdNetworks(model: Model, names: ReadonlySet<string>, running: Running): Model {
  if (names.size === 0) return model
  const { held, kept } = widened(model, names, running)
  const networks = model.networks.filter(({ name }) => !held.has(name))
  const own = model.containers.filter(({ network }) => !held.has(network))
  const others = keptContainers(model, own, { networks, kept }, running)
  return {
    ...model,
    networks: [...networks, ...kept].toSorted(byName),
    containers: [...own, ...others].toSorted(byName),
    ...ofContainers(model, new Set(own.map(({ name }) => name)), others, running),
  }
}

/** With all that waits for them, and what stays in their place. */
function widened(model: Model, names: ReadonlySet<string>, running: Running) {
  let held = names
  for (;;) {
    const kept = keptNetworks(model, held, names, running)
    const more = waitingFor(model, kept)
    const all = new Set([...held, ...kept.map(({ name }) => name), ...more])
    if (all.size === held.size) return { held, kept }
    held = all
  }
}

/** One that did not change is what is refused: it is kept only where it stands. */
function keptNetworks(
  model: Model,
  held: ReadonlySet<string>,
  refused: ReadonlySet<string>,
  { before, bridges }: Running,
): readonly Network[] {
  const isLeft = leftNetworks(model, held, before)
  return (before?.networks ?? []).filter((network) => {
    const { name } = network
    const now = model.networks.find((one) => one.name === name)
    const isChanged = now === undefined || !isSameSubnets(network, now)
    if (refused.has(name)) return isChanged || bridges.has(name)
    return held.has(name) || (isLeft.has(name) && isChanged)
  })
}

/** The networks in which containers were that a held network takes now. */
function leftNetworks(
  model: Model,
  held: ReadonlySet<string>,
  before: Model | undefined,
): ReadonlySet<string> {
  const moved = new Set(model.containers.filter(({ network }) => held.has(network)).map(({ name }) => name))
  return new Set(
    (before?.containers ?? []).filter(({ name }) => moved.has(name)).map(({ network }) => network),
  )
}

export function isSameSubnets(one: Network, other: Network): boolean {
  return one.ipv4?.cidr === other.ipv4?.cidr && one.ipv6?.cidr === other.ipv6?.cidr
}

/** Networks of the file that want what a kept one still has. */
function waitingFor(model: Model, kept: readonly Network[]): readonly string[] {
  return model.networks
    .filter((network) => {
      const taken = kept.filter(({ name }) => name !== network.name).flatMap(subnets)
      return subnets(network).some((subnet) => taken.some((other) => overlaps(subnet, other)))
    })
    .map(({ name }) => name)
}

function subnets({ ipv4, ipv6 }: Network) {
  return [ipv4, ipv6].flatMap((subnet) => parseCidr(subnet?.cidr ?? '') ?? [])
}

/** A container that is in another network by now is there, and one whose name or address is taken is gone. */
function keptContainers(
  model: Model,
  own: readonly Container[],
  standing: { readonly networks: readonly Network[]; readonly kept: readonly Network[] },
  { before }: Running,
): readonly Container[] {
  const taken = new Set(own.flatMap(identities))
  const named = new Map(model.containers.map((container) => [container.name, container]))
  const kept = new Set(standing.kept.map(({ name }) => name))
  const networks = new Set(standing.networks.map(({ name }) => name))
  return (before?.containers ?? [])
    .filter(({ network, name }) => kept.has(network) || (networks.has(network) && named.has(name)))
    .filter((container) => !identities(container).some((one) => taken.has(one)))
    .map((container) => withProcess(container, named.get(container.name)))
}

function identities({ name, mac, ipv4, ipv6 }: Container): readonly string[] {
  return [`name ${name}`, mac, ipv4, ipv6].filter((one) => one !== undefined)
}

/** Whoever starts a container right now tells its process; that is in no file. */
function withProcess(container: Container, now: Container | undefined): Container {
  const isSame = now?.runtime.type === container.runtime.type && now.runtime.name === container.runtime.name
  return isSame ? { ...container, runtime: now.runtime } : container
}

function ofContainers(
  model: Model,
  own: ReadonlySet<string>,
  others: readonly Container[],
  { before }: Running,
): Pick<Model, 'nat' | 'routes'> {
  const kept = new Set(others.map(({ name }) => name))
  const forwards = model.nat.forwards.filter(({ container }) => own.has(container))
  const routes = model.routes.filter(({ container }) => own.has(container))
  const hosts = new Set(routes.flatMap((route) => route.hosts))
  return {
    nat: {
      ...model.nat,
      forwards: [
        ...forwards,
        ...(before?.nat.forwards ?? []).filter(
          (one) => kept.has(one.container) && !forwards.some((other) => isSamePort(one, other)),
        ),
      ],
    },
    routes: [
      ...routes,
      ...(before?.routes ?? []).filter(
        (one) => kept.has(one.container) && !one.hosts.some((host) => hosts.has(host)),
      ),
    ],
  }
}

type Listening = Pick<Model['nat']['forwards'][number], 'protocol' | 'listen'>

/** Whether two forwards want one port. */
export function isSamePort(one: Listening, other: Listening): boolean {
  return (
    one.protocol === other.protocol &&
    one.listen.first <= other.listen.last &&
    other.listen.first <= one.listen.last
  )
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0
}
