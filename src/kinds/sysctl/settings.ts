import type { Model } from '../../model/types.ts'

/** One setting: path below /proc/sys and the value it should have. */
export interface Setting {
  readonly path: string
  readonly value: string
  readonly device?: string
  readonly ofBridge?: true
  /** Path of the setting that must stand before. */
  readonly after?: string
}

/** In this order: it is the order of writing, and each line says why. `acceptRa`: facts/accept-ra.ts. */
export function hostSettings(model: Model, acceptRa: string | undefined): readonly Setting[] {
  const device = model.upstream.interface
  const acceptRaPath = `net/ipv6/conf/${device}/accept_ra`
  const ipv4 = model.networks.some((network) => network.ipv4)
  const ipv6 = model.networks.some((network) => network.ipv6)
  return [
    // Before forwarding, or the default route learned from router advertisements is purged at once (T14).
    ...(ipv6 && acceptRa !== undefined ? [{ path: acceptRaPath, value: acceptRa }] : []),
    ...(ipv4 ? [{ path: 'net/ipv4/ip_forward', value: '1' }] : []),
    ...(ipv6 ? [{ path: 'net/ipv6/conf/all/forwarding', value: '1', after: acceptRaPath }] : []),
    // The proxy answers only where the receiving interface forwards too (T3).
    ...(ipv6 ? [{ path: `net/ipv6/conf/${device}/forwarding`, value: '1', after: acceptRaPath }] : []),
    ...(ipv6 && model.prefix.delivery === 'on-link' ? proxySettings(device) : []),
  ]
}

function proxySettings(device: string): readonly Setting[] {
  return [
    // `all` makes the router's unicast probes work, the interface's own its multicast questions (T2).
    { path: 'net/ipv6/conf/all/proxy_ndp', value: '1' },
    { path: `net/ipv6/conf/${device}/proxy_ndp`, value: '1' },
    // The default holds each first answer back by up to 0.8 s, and drops all but 64 of them (T1).
    { path: `net/ipv6/neigh/${device}/proxy_delay`, value: '0' },
  ]
}

/** For each bridge with an IPv6 slice: our own router there, so nobody else's advertisements. */
export function bridgeSettings(model: Model): readonly Setting[] {
  return model.networks
    .filter(({ ipv6 }) => ipv6)
    .flatMap(({ name }) =>
      [
        ['disable_ipv6', '0'],
        ['accept_ra', '0'],
        // Its MAC is ours alone: without a link-local address of its own, for 2 s of detection, the kernel asks for nobody.
        ['accept_dad', '0'],
        ['forwarding', '1'],
      ].map(([setting, value]) => ({
        path: `net/ipv6/conf/${name}/${setting}`,
        value: value ?? '',
        device: name,
        ofBridge: true as const,
      })),
    )
}
