import type { Registry } from 'prom-client'
import type { Traffic } from '../../app/traffic.ts'
import { makeCounter } from './make.ts'

/**
 * Exports what each container got and sent, in place of what was told before; may be called for every scrape. A
 * container that is left out has no series. A value that fell is exported as it is: Prometheus takes it for a reset.
 */
export function trafficRecorder(registry: Registry): (traffic: ReadonlyMap<string, Traffic>) => void {
  const receiveBytes = makeCounter('container_receive_bytes_total', registry)
  const receivePackets = makeCounter('container_receive_packets_total', registry)
  const transmitBytes = makeCounter('container_transmit_bytes_total', registry)
  const transmitPackets = makeCounter('container_transmit_packets_total', registry)
  const counters = { receiveBytes, receivePackets, transmitBytes, transmitPackets }
  return (traffic) => {
    for (const counter of Object.values(counters)) counter.reset()
    for (const [container, measured] of traffic) {
      receiveBytes.inc({ container }, measured.receiveBytes)
      receivePackets.inc({ container }, measured.receivePackets)
      transmitBytes.inc({ container }, measured.transmitBytes)
      transmitPackets.inc({ container }, measured.transmitPackets)
    }
  }
}
