import type { Config, ContainerConfig, NetworkConfig, RuntimeConfig } from '../config/types.ts'
import { cidrOf, layIntoPrefix, parseCidr, parseIpv4, parseIpv6 } from '../net/address.ts'
import type { Cidr } from '../net/address.ts'
import type { Runtime } from './types.ts'

/** The file with its addresses read once; what could not be read is left out, the checks say why. */
export interface Scope {
  readonly config: Config
  readonly prefix: Cidr | undefined
  readonly upstreamIpv4: bigint | undefined
  readonly networks: ReadonlyMap<string, ScopedNetwork>
  readonly containers: ReadonlyMap<string, ScopedContainer>
}

export interface ScopedNetwork {
  readonly name: string
  readonly config: NetworkConfig
  readonly ipv6: Cidr | undefined
  readonly ipv4: Cidr | undefined
}

export interface ScopedContainer {
  readonly name: string
  readonly config: ContainerConfig
  /** Undefined when the file does not say and there are several networks, or when it names none that is there. */
  readonly network: ScopedNetwork | undefined
  readonly runtime: Runtime
  readonly ipv6: bigint | undefined
  readonly ipv4: bigint | undefined
}

/** Reads every address of the file, and lays suffixes into the prefix. Never fails. */
export function createScope(config: Config): Scope {
  const prefix = parseFamily(config.prefix.cidr, 6)
  const networks = new Map(
    Object.entries(config.networks).map(([name, network]) => [name, scopedNetwork(name, network, prefix)]),
  )
  const [only] = networks.size === 1 ? networks.values() : []
  const containers = Object.entries(config.containers ?? {}).map(
    ([name, container]): [string, ScopedContainer] => {
      const network = container.network === undefined ? only : networks.get(container.network)
      return [name, { name, config: container, network, ...readContainer(name, container, prefix) }]
    },
  )
  const upstreamIpv4 = parseIpv4(config.upstream.ipv4 ?? '')
  return { config, prefix, upstreamIpv4, networks, containers: new Map(containers) }
}

/** A CIDR of one family; undefined for anything else. */
export function parseFamily(text: string, family: 4 | 6): Cidr | undefined {
  const cidr = parseCidr(text)
  return cidr?.family === family ? cidr : undefined
}

function scopedNetwork(name: string, config: NetworkConfig, prefix: Cidr | undefined): ScopedNetwork {
  const written = parseFamily(config.ipv6 ?? '', 6)
  const ipv6 =
    written &&
    (prefix === undefined ? written : cidrOf(6, layIntoPrefix(prefix, written.address), written.length))
  return { name, config, ipv6, ipv4: parseFamily(config.ipv4 ?? '', 4) }
}

function readContainer(name: string, config: ContainerConfig, prefix: Cidr | undefined) {
  const written = parseIpv6(config.ipv6 ?? '')
  const ipv6 = written !== undefined && prefix !== undefined ? layIntoPrefix(prefix, written) : written
  return { runtime: readRuntime(name, config.runtime ?? 'none'), ipv6, ipv4: parseIpv4(config.ipv4 ?? '') }
}

function readRuntime(name: string, written: RuntimeConfig['type'] | RuntimeConfig): Runtime {
  return { name, interface: 'eth0', ...(typeof written === 'string' ? { type: written } : written) }
}
