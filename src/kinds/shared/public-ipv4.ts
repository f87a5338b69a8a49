import type { World } from '../../model/world.ts'

/** The host's public IPv4: the declared one, else whatever the upstream interface has, first what the host sends from. */
export function publicIpv4({ model, facts }: World): readonly string[] {
  return model.upstream.ipv4 === undefined ? facts.upstream.ipv4 : [model.upstream.ipv4]
}
