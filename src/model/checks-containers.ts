import type { Finding } from '../config/issue.ts'
import { parsePortRange } from '../net/port.ts'
import { didYouMean } from '../text/suggest.ts'
import { canonicalMac, isUnicastMac, macOf } from '../net/mac.ts'
import { checkInterfaceName } from './checks-prefix.ts'
import { findDuplicates } from './duplicates.ts'
import type { Use } from './duplicates.ts'
import type { Scope, ScopedContainer } from './scope.ts'

/** Faults of `containers` but their addresses and runtimes: networks, MACs, exposed ports, interfaces. */
export function checkContainers(scope: Scope): readonly Finding[] {
  const containers = [...scope.containers.values()]
  return [
    ...containers.flatMap((container) => [
      ...checkNetwork(container, scope),
      ...checkMac(container),
      ...checkExpose(container),
      ...checkInterfaceName(container.runtime.interface, [
        'containers',
        container.name,
        'runtime',
        'interface',
      ]),
    ]),
    ...findDuplicates(macUses(scope), 'S64-M015'),
  ]
}

function checkNetwork({ name, config }: ScopedContainer, { networks }: Scope): readonly Finding[] {
  const known = [...networks.keys()]
  const path = ['containers', name]
  if (config.network === undefined) {
    if (networks.size < 2) return []
    const note = `networks: ${known.join(', ')}`
    return [
      {
        code: 'S64-M019',
        path,
        message: `container "${name}" must say its network: there are several`,
        note,
      },
    ]
  }
  if (networks.has(config.network)) return []
  const note = `known networks: ${known.join(', ')}`
  const message = `unknown network "${config.network}"`
  return [
    { code: 'S64-M018', path: [...path, 'network'], message, note, ...didYouMean(config.network, known) },
  ]
}

function checkMac({ name, config }: ScopedContainer): readonly Finding[] {
  if (config.mac === undefined) return []
  const mac = canonicalMac(config.mac)
  const path = ['containers', name, 'mac']
  if (mac === undefined) {
    const hint = 'six pairs of hex digits with colons, such as 02:00:5e:00:53:01'
    return [{ code: 'S64-M014', path, message: `"${config.mac}" is not a MAC`, hint }]
  }
  return isUnicastMac(mac)
    ? []
    : [{ code: 'S64-M014', path, message: `${mac} is not the MAC of one interface` }]
}

/** The schema has seen the form; what it cannot see are ports above 65535 and ranges that run backwards. */
function checkExpose({ name, config }: ScopedContainer): readonly Finding[] {
  if (typeof config.expose !== 'object') return []
  return config.expose.flatMap((text, index): readonly Finding[] => {
    if (parsePortRange(text) !== undefined) return []
    const message = `"${text}" is not a port or range from 1 to 65535`
    return [{ code: 'S64-M021', path: ['containers', name, 'expose', index], message }]
  })
}

/** Derived MACs count too: a container that is given a bridge's would take its traffic. */
function macUses({ networks, containers }: Scope): readonly Use[] {
  const bridges = [...networks.keys()].map((name) => ({
    key: macOf(`bridge ${name}`),
    label: () => `MAC of network "${name}"`,
    path: ['networks', name],
  }))
  const own = [...containers.values()].map(({ name, config }) => {
    const mac =
      config.mac === undefined ? macOf(`container ${name}`) : (canonicalMac(config.mac) ?? `? ${name}`)
    return { key: mac, label: () => `MAC ${mac}`, path: ['containers', name, 'mac'] }
  })
  return [...bridges, ...own]
}
