import { Gauge, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { Traffic } from '../../../src/app/traffic.ts'
import { trafficRecorder } from '../../../src/report/metrics/traffic.ts'

const BLOG: Traffic = { receiveBytes: 532, receivePackets: 6, transmitBytes: 1064, transmitPackets: 12 }
const DB: Traffic = { receiveBytes: 0, receivePackets: 0, transmitBytes: 84, transmitPackets: 1 }

function traffic(of: Readonly<Record<string, Traffic>>): ReadonlyMap<string, Traffic> {
  return new Map(Object.entries(of))
}

async function series(registry: Registry): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

describe('trafficRecorder', () => {
  it('exports counters by container', async () => {
    const registry = new Registry()
    trafficRecorder(registry)(traffic({ blog: BLOG, db: DB }))
    expect(await series(registry)).toEqual([
      'slash64_container_receive_bytes_total{container="blog"} 532',
      'slash64_container_receive_bytes_total{container="db"} 0',
      'slash64_container_receive_packets_total{container="blog"} 6',
      'slash64_container_receive_packets_total{container="db"} 0',
      'slash64_container_transmit_bytes_total{container="blog"} 1064',
      'slash64_container_transmit_bytes_total{container="db"} 84',
      'slash64_container_transmit_packets_total{container="blog"} 12',
      'slash64_container_transmit_packets_total{container="db"} 1',
    ])
    const text = await registry.metrics()
    expect(text.match(/^# TYPE slash64_container_\w+_total counter$/gm)).toHaveLength(4)
  })

  it('has no series where nothing is known, not even a zero', async () => {
    const registry = new Registry()
    trafficRecorder(registry)(traffic({}))
    expect(await series(registry)).toEqual([])
  })

  it('takes the place of what was told before: values that grew, or fell, and containers that are gone', async () => {
    const registry = new Registry()
    const record = trafficRecorder(registry)
    record(traffic({ blog: BLOG, db: DB }))
    record(traffic({ blog: { ...BLOG, receiveBytes: 600, transmitBytes: 10 } }))
    expect(await series(registry)).toEqual([
      'slash64_container_receive_bytes_total{container="blog"} 600',
      'slash64_container_receive_packets_total{container="blog"} 6',
      'slash64_container_transmit_bytes_total{container="blog"} 10',
      'slash64_container_transmit_packets_total{container="blog"} 12',
    ])
  })

  it('leaves the other metrics of the registry alone', async () => {
    const registry = new Registry()
    new Gauge({ name: 'other', help: 'Of somebody else', registers: [registry] }).set(7)
    trafficRecorder(registry)(traffic({ blog: BLOG }))
    expect(await series(registry)).toContain('other 7')
  })
})
