import type { Catalogue } from '../engine/look.ts'
import { reference } from '../engine/types.ts'
import type { Kind, KindPlan } from '../engine/types.ts'
import { proxyBackend } from '../kinds/proxy-backend/index.ts'
import { proxyRoute } from '../kinds/proxy-route/index.ts'
import { reverseProxy } from '../kinds/reverse-proxy/index.ts'
import type { Container, Model } from '../model/types.ts'
import type { World } from '../model/world.ts'
import { CATALOGUE, factProbes } from './catalogue.ts'

type OurKind = Kind<Model, World>

/** No container waits for these, and one of them is a configuration of all at once. */
const OF_ALL: ReadonlySet<OurKind> = new Set([reverseProxy, proxyBackend, proxyRoute])

/**
 * What the engine works with for one container: what stands inside the others is not read, nothing of theirs is changed,
 * and nothing is deleted. The host's own part, the firewall first, is made where it is missing.
 */
export function oneContainer(
  model: Model,
  container: Container,
): Catalogue<Model, World> & { readonly own: (world: World) => ReadonlySet<string> } {
  const scoped = scopedTo(model, container)
  const kinds = CATALOGUE.kinds.filter((kind) => !OF_ALL.has(kind))
  const narrow = (world: World): World => ({ ...world, model: scopedTo(world.model, container) })
  return {
    ...CATALOGUE,
    standings: new WeakMap(),
    kinds: kinds.map((kind) => ({
      ...kind,
      probes: (_, known) => kind.probes(scoped, known),
      compare: (world, replies, record) => {
        const others = keysOf(kind, world)
        for (const key of keysOf(kind, narrow(world))) others.delete(key)
        return without(kind.compare(world, replies, record), kind, others)
      },
    })),
    factProbes: (_, known) => factProbes(scoped, known),
    own: (world) => ownReferences(kinds, narrow(world)),
  }
}

/** The same file, as if it named no other container. */
function scopedTo(model: Model, container: Container): Model {
  const isNamed = ({ name }: Container): boolean => name === container.name
  const isOwn = (one: { readonly container: string }): boolean => one.container === container.name
  return {
    ...model,
    containers: model.containers.filter(isNamed),
    nat: { ...model.nat, forwards: model.nat.forwards.filter(isOwn) },
    routes: model.routes.filter(isOwn),
  }
}

function keysOf(kind: OurKind, world: World): Set<string> {
  return new Set(Object.keys(kind.digests(world)))
}

function without(plan: KindPlan, { name }: OurKind, others: ReadonlySet<string>): KindPlan {
  const lost = new Set([...others].map((key) => reference(name, key)))
  return {
    ...plan,
    early: plan.early.filter(({ key, action }) => action !== 'delete' && !others.has(key)),
    late: [],
    conflicts: plan.conflicts.filter(({ resource }) => resource === undefined || !lost.has(resource)),
  }
}

/** `kind key` of all that is the container's, or of the whole host. */
function ownReferences(kinds: readonly OurKind[], world: World): ReadonlySet<string> {
  return new Set(kinds.flatMap((kind) => [...keysOf(kind, world)].map((key) => reference(kind.name, key))))
}
