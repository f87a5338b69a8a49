import { replyText } from '../engine/observe.ts'
import type { Probe, Replies } from '../engine/types.ts'
import { FOUND_SETTINGS, readSettings } from '../model/found-settings.ts'
import type { Model } from '../model/types.ts'

/**
 * What tells whether the upstream interface accepts router advertisements: 0 is never; 1 is as long as the interface does not
 * forward; 2 is always (kernel Documentation/networking/ip-sysctl.rst, accept_ra).
 */
export function acceptRaProbes({ upstream, networks }: Model): readonly Probe[] {
  if (!networks.some(({ ipv6 }) => ipv6)) return []
  return [
    ...Object.values(pathsOf(upstream.interface)).map((path): Probe => {
      return { id: `sysctl ${path}`, sysctl: path, topics: ['link', 'setting'] }
    }),
    { ...FOUND_SETTINGS, topics: ['link', 'setting'] },
  ]
}

/**
 * Forwarding must not change what the host accepts. 1 on an interface that does not forward yet becomes 2; so does 1 that we have
 * found so and raised, and that somebody has set back since (a new interface, networkd). Nothing else is ours to change.
 */
export function acceptRaOf({ upstream, networks }: Model, replies: Replies): '2' | undefined {
  if (!networks.some(({ ipv6 }) => ipv6)) return undefined
  const paths = pathsOf(upstream.interface)
  const value = (path: string): string | undefined => replyText(replies, `sysctl ${path}`)
  const found = readSettings(replyText(replies, FOUND_SETTINGS.id))
  const wasRaised = found[paths.acceptRa] === '1' && found[paths.forwarding] === '0'
  switch (value(paths.acceptRa)) {
    case '2':
      // What we have raised stays wanted, so that it is told when somebody lowers it.
      return wasRaised ? '2' : undefined
    case '1':
      return wasRaised || value(paths.forwarding) === '0' ? '2' : undefined
    default:
      return undefined
  }
}

function pathsOf(device: string): { readonly acceptRa: string; readonly forwarding: string } {
  const path = (setting: string): string => `net/ipv6/conf/${device}/${setting}`
  return { acceptRa: path('accept_ra'), forwarding: path('forwarding') }
}
