import { parseCounters } from '../formats/nft-counters.ts'
import { TABLE } from '../model/identity.ts'
import { countedContainers, trafficCounter } from '../model/traffic.ts'
import type { Model } from '../model/types.ts'
import type { System } from '../system/port.ts'

/** What a container got and sent since its counters were made, as it sees it itself; IPv4 and IPv6 together. */
export interface Traffic {
  readonly receiveBytes: number
  readonly receivePackets: number
  readonly transmitBytes: number
  readonly transmitPackets: number
}

/**
 * Each container's traffic by its name, read by one process; by none where the file does not ask for it. A container
 * whose counters are not there yet is left out: unknown is not zero. Rejects with `SystemError`.
 */
export async function readTraffic(model: Model, system: System): Promise<ReadonlyMap<string, Traffic>> {
  const containers = countedContainers(model)
  if (containers.length === 0) return new Map()
  const text = await system.query(['nft', '-j', 'list', 'counters', 'table', ...TABLE.split(' ')])
  const counters = parseCounters(text)
  return new Map(
    containers.flatMap(({ name }): [string, Traffic][] => {
      const receive = counters.get(trafficCounter(name, 'receive'))
      const transmit = counters.get(trafficCounter(name, 'transmit'))
      if (receive === undefined || transmit === undefined) return []
      const traffic = {
        receiveBytes: receive.bytes,
        receivePackets: receive.packets,
        transmitBytes: transmit.bytes,
        transmitPackets: transmit.packets,
      }
      return [[name, traffic]]
    }),
  )
}
