import { describe, expect, it } from 'vitest'
import { readTraffic } from '../../src/app/traffic.ts'
import type { Model } from '../../src/model/types.ts'
import { trafficCounter } from '../../src/model/traffic.ts'
import { readOnly } from '../../src/system/read-only.ts'
import { capture } from '../support/captures.ts'
import { freshHost } from '../support/memory.ts'
import { capturedModel, container } from '../support/model.ts'
import { appOf, byHand, changeLines, converge } from '../support/passes.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import { counted, countedModel } from '../support/traffic.ts'

const COUNTERS = capture('nftables-1.0.6/counters.json')
const COMMAND = 'nft -j list counters table inet slash64'
const NONE = { receiveBytes: 0, receivePackets: 0, transmitBytes: 0, transmitPackets: 0 }

function withMail(of: Model): Model {
  return { ...of, containers: [...of.containers, container('mail', 4)] }
}

describe('readTraffic', () => {
  it('reads every container by one process, which a System that refuses writes lets through', async () => {
    const system = recordingSystem({ query: () => COUNTERS })
    const traffic = await readTraffic(countedModel(), readOnly(system))
    expect([...traffic]).toEqual([
      ['blog', { receiveBytes: 532, receivePackets: 6, transmitBytes: 532, transmitPackets: 6 }],
      ['db', { receiveBytes: 336, receivePackets: 4, transmitBytes: 336, transmitPackets: 4 }],
    ])
    expect(system.queries).toEqual([COMMAND])
  })

  it('asks nobody where the file does not want it', async () => {
    const system = recordingSystem({ query: () => COUNTERS })
    expect((await readTraffic(capturedModel(), system)).size).toBe(0)
    expect(system.queries).toEqual([])
  })

  it('leaves out a container whose counters are not there yet: unknown is not zero', async () => {
    const system = recordingSystem({ query: () => COUNTERS })
    expect([...(await readTraffic(withMail(countedModel()), system)).keys()]).toEqual(['blog', 'db'])
    const half = COUNTERS.replace(trafficCounter('blog', 'transmit'), 'theirs')
    const other = recordingSystem({ query: () => half })
    expect([...(await readTraffic(countedModel(), other)).keys()]).toEqual(['db'])
  })

  it('rejects when the table is not there, or cannot be read', async () => {
    await expect(readTraffic(countedModel(), freshHost())).rejects.toMatchObject({ code: 'not-found' })
    const host = freshHost()
    host.failNext((command) => command === COMMAND, failure('crashed', 'ended by SIGSEGV', COMMAND))
    await expect(readTraffic(countedModel(), host)).rejects.toMatchObject({ code: 'crashed' })
    const garbled = recordingSystem({ query: () => COUNTERS.slice(0, 99) })
    await expect(readTraffic(countedModel(), garbled)).rejects.toMatchObject({ code: 'garbled' })
  })
})

describe('what was counted', () => {
  it('is zero at first, and stays through a change of another container', async () => {
    const host = freshHost(['blog', 'db', 'mail'])
    await converge(host, countedModel())
    expect((await readTraffic(countedModel(), host)).get('blog')).toEqual(NONE)
    host.setCounter(trafficCounter('blog', 'receive'), 3, 252)
    const three = withMail(countedModel())
    await converge(host, three)
    await converge(host, { ...three, firewall: { ipv6: 'allow', eastWest: 'deny', antiSpoof: false } })
    const traffic = await readTraffic(three, host)
    expect(traffic.get('blog')).toEqual({ ...NONE, receiveBytes: 252, receivePackets: 3 })
    expect(traffic.get('mail')).toEqual(NONE)
  })

  it('stays when the container gets other addresses: elements change, its counters do not', async () => {
    const host = freshHost()
    await converge(host, countedModel())
    host.setCounter(trafficCounter('blog', 'transmit'), 3, 252)
    const of = countedModel()
    const moved = {
      ...of,
      nat: { ...of.nat, forwards: [] },
      containers: of.containers.map((one) => (one.name === 'blog' ? { ...one, ipv4: '10.64.0.9' } : one)),
    }
    const { plan } = await converge(host, moved)
    expect(changeLines(plan).filter((line) => line.includes('traffic-counter'))).toEqual([])
    expect((await readTraffic(moved, host)).get('blog')?.transmitPackets).toBe(3)
  })

  it('is no drift: values that others reset are left as they are', async () => {
    const host = freshHost()
    await converge(host, countedModel())
    host.setCounter(trafficCounter('blog', 'receive'), 3, 252)
    await byHand(host, 'nft reset counters table inet slash64')
    expect((await readTraffic(countedModel(), host)).get('blog')).toEqual(NONE)
    expect((await appOf(host).plan(countedModel())).plan.changes).toEqual([])
  })

  it('goes with the option, and nothing of it is left', async () => {
    const [plain, host] = [freshHost(), freshHost()]
    await converge(plain, capturedModel())
    await converge(host, counted(capturedModel()))
    await converge(host, capturedModel())
    const table = (text: string) => text.split('\n').filter((line) => line.startsWith('nft '))
    expect(table(host.dump())).toEqual(table(plain.dump()))
  })
})
