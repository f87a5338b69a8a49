import { backendsText, mapText } from '../formats/haproxy.ts'
import { formatEndpoint } from '../net/endpoint.ts'
import { baseText } from '../kinds/reverse-proxy/configuration.ts'
import { sectionOf } from '../kinds/shared/proxy-section.ts'
import { backendsOf, entriesOf, listenersOf, UNKNOWN_UPSTREAM } from '../model/reverse-proxy.ts'
import type { Entry } from '../model/reverse-proxy.ts'
import type { World } from '../model/world.ts'
import type { ProxyDocument } from './types.ts'

/** What the reverse proxy would be given on a host of which nothing is known; undefined without routes. */
export function proxyDocument({ model, facts, places }: World): ProxyDocument | undefined {
  if (model.routes.length === 0) return undefined
  const upstream = { ...facts.upstream, ...UNKNOWN_UPSTREAM }
  const world = { model, facts: { ...facts, upstream }, places }
  const base = baseText(world)
  const sections = new Map(backendsOf(model).map((backend) => [backend.name, sectionOf(backend)]))
  return {
    listeners: listenersOf(world).map(formatEndpoint),
    files: {
      'haproxy.cfg': base,
      'backends.cfg': backendsText(base, sections),
      'http.map': mapText(entries('http', world)),
      'tls.map': mapText(entries('https', world)),
    },
  }
}

function entries(protocol: Entry['protocol'], { model }: World): ReadonlyMap<string, string> {
  const own = entriesOf(model).filter((entry) => entry.protocol === protocol)
  return new Map(own.map(({ host, to }) => [host, to]))
}
