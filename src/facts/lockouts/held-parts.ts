import type { Forward, Model } from '../../model/types.ts'
import { isSamePort } from '../held-networks.ts'

/** With what was accepted of all that works with the public IPv4: the source of what leaves, forwards, routes. */
export function holdIpv4(model: Model, before: Model | undefined): Model {
  const { interface: name } = model.upstream
  const none = { upstream: { interface: name }, nat: { source: 'none', forwards: [] }, routes: [] } as const
  if (before === undefined) return { ...model, ...none }
  const containers = new Map(model.containers.map((container) => [container.name, container]))
  const { ipv4 } = before.upstream
  return {
    ...model,
    upstream: { interface: name, ...(ipv4 !== undefined && { ipv4 }) },
    nat: {
      source: before.nat.source,
      forwards: before.nat.forwards.filter(
        ({ container, address }) => containers.get(container)?.ipv4 === address,
      ),
    },
    routes: before.routes.filter(({ container }) => containers.has(container)),
  }
}

/** Without some forwards; those that the same containers had before stay, where nobody else wants their ports. */
export function holdForwards(model: Model, before: Model | undefined, refused: ReadonlySet<Forward>): Model {
  if (refused.size === 0) return model
  const forwards = model.nat.forwards.filter((forward) => !refused.has(forward))
  const containers = new Map(model.containers.map((container) => [container.name, container]))
  const stay = (before?.nat.forwards ?? []).filter(
    (one) =>
      [...refused].some(({ container }) => container === one.container) &&
      containers.get(one.container)?.ipv4 === one.address &&
      !forwards.some((other) => isSamePort(one, other)),
  )
  return { ...model, nat: { ...model.nat, forwards: [...forwards, ...stay] } }
}
