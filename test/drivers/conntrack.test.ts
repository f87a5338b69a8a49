import { describe, expect, it } from 'vitest'
import { conntrackDriver } from '../../src/drivers/conntrack.ts'
import type { EgressStep, ForwardedStep } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { RecordingSystem } from '../support/recording-system.ts'

/** One line of `conntrack -L`, conntrack-tools 1.4.7. */
function flow(source: string, port: number, answeredBy: string): string {
  return (
    `tcp      6 431998 ESTABLISHED src=${source} dst=203.0.113.2 sport=40000 dport=${port} ` +
    `src=${answeredBy} dst=${source} sport=22 dport=40000 [ASSURED] mark=0 use=1\n`
  )
}

const FLOWS = [
  flow('198.51.100.10', 2222, '10.64.0.2'),
  flow('192.0.2.7', 2222, '10.64.0.2'),
  flow('192.0.2.8', 2222, '10.64.0.3'),
  flow('192.0.2.9', 2223, '10.64.0.2'),
  flow('192.0.2.10', 2222, '203.0.113.2'),
].join('')

function step(more: Partial<ForwardedStep> = {}): ForwardedStep {
  return { tool: 'conntrack', protocol: 'tcp', first: 2222, last: 2222, backend: '10.64.0.2', ...more }
}

/** The sources whose connections were ended. */
async function ended(
  ...steps: readonly ForwardedStep[]
): Promise<{ system: RecordingSystem; sources: readonly string[] }> {
  const system = recordingSystem({ query: () => FLOWS })
  expect(await conntrackDriver(steps, system)).toEqual({ done: steps.length })
  return { system, sources: system.calls.map(({ command }) => / -s (\S+)/.exec(command)?.[1] ?? '') }
}

describe('which connections end', () => {
  it('those of the port that the old backend answers', async () => {
    expect((await ended(step())).sources).toEqual(['198.51.100.10', '192.0.2.7'])
  })

  it('of a range, all ports', async () => {
    expect((await ended(step({ first: 2200, last: 2299 }))).sources).toEqual([
      '198.51.100.10',
      '192.0.2.7',
      '192.0.2.9',
    ])
  })

  it('not those of sources that may stay', async () => {
    expect((await ended(step({ except: ['198.51.100.0/24'] }))).sources).toEqual(['192.0.2.7'])
    expect((await ended(step({ except: ['198.51.100.0/24', '192.0.2.7/32'] }))).sources).toEqual([])
  })

  it('without a backend, only those that were never translated', async () => {
    expect((await ended(step({ backend: undefined }))).sources).toEqual(['192.0.2.10'])
  })

  it('none of another protocol’s listing is touched', async () => {
    const { system } = await ended(step(), step({ protocol: 'udp' }))
    expect(system.queries).toEqual(['conntrack -L -p tcp -f ipv4', 'conntrack -L -p udp -f ipv4'])
  })
})

describe('how they end', () => {
  it('each by its whole tuple', async () => {
    const { system } = await ended(step({ except: ['192.0.2.7'.concat('/32')] }))
    expect(system.calls.map(({ command }) => command)).toEqual([
      'conntrack -D -f ipv4 -p tcp -s 198.51.100.10 -d 203.0.113.2 --sport 40000 --dport 2222',
    ])
  })

  it('one listing serves all steps of a protocol, and no connection is ended twice', async () => {
    const { system, sources } = await ended(step(), step({ first: 2222, last: 2223 }))
    expect(system.queries).toHaveLength(1)
    expect(sources).toEqual(['198.51.100.10', '192.0.2.7', '192.0.2.9'])
  })

  it('one that ended by itself in between is no failure', async () => {
    const run = () => {
      throw failure('not-found', '0 flow entries have been deleted.', 'conntrack -D', 1)
    }
    const system = recordingSystem({ query: () => FLOWS, run })
    expect(await conntrackDriver([step()], system)).toEqual({ done: 1 })
    expect(system.calls).toHaveLength(2)
  })

  it('what cannot be read or ended is told', async () => {
    const error = failure('denied', 'Operation failed: Operation not permitted', 'conntrack -L', 1)
    const query = () => {
      throw error
    }
    expect(await conntrackDriver([step()], recordingSystem({ query }))).toEqual({
      done: 0,
      error,
      broken: true,
    })
  })

  it('one that cannot be ended for a reason of its own does not keep the other steps from being tried', async () => {
    const error = failure('other', 'conntrack v1.4.7: Operation failed', 'conntrack -D', 1)
    const run = () => {
      throw error
    }
    const system = recordingSystem({ query: () => FLOWS, run })
    expect(await conntrackDriver([step()], system)).toEqual({ done: 0, error })
  })

  it('told to stop among many: no other is ended, and no step counts as done', async () => {
    const stop = new AbortController()
    const system = recordingSystem({ query: () => FLOWS.repeat(3), run: () => stop.abort() })
    expect(await conntrackDriver([step()], system, stop.signal)).toEqual({ done: 0 })
    expect(system.calls).toHaveLength(1)
  })
})

describe('connections of containers to the outside', () => {
  const EGRESS: EgressStep = {
    tool: 'conntrack',
    interface: 'eth0',
    networks: [{ bridge: 'br-ct', cidr: '10.64.0.0/24' }],
    to: ['203.0.113.9'],
  }
  const out = (source: string, destination: string, to: string, from = destination) =>
    `udp 17 29 src=${source} dst=${destination} sport=1 dport=2 src=${from} dst=${to} sport=2 dport=1 mark=0 use=1\n`
  const FLOWS_OUT = [
    out('10.64.0.2', '198.51.100.1', '203.0.113.2'),
    out('10.64.0.2', '198.51.100.2', '203.0.113.9'),
    out('10.64.0.2', '198.51.100.3', '10.64.0.2'),
    out('10.64.0.2', '172.17.0.5', '10.64.0.2'),
    out('10.64.0.2', '203.0.113.9', '10.64.0.2'),
    out('10.64.0.2', '10.64.0.1', '10.64.0.2'),
    out('10.64.0.2', '203.0.113.9', '10.64.0.1', '10.64.0.3'),
    out('198.51.100.1', '203.0.113.2', '198.51.100.1', '10.64.0.2'),
    out('192.0.2.1', '198.51.100.1', '203.0.113.2'),
    'icmp 1 29 src=10.64.0.4 dst=198.51.100.1 type=8 code=0 id=7 src=198.51.100.1 dst=203.0.113.2 type=0 code=0 id=7\n',
  ].join('')
  const ROUTES = [
    '198.51.100.1 from 10.64.0.2 via 203.0.113.1 dev eth0 \\    cache iif br-ct ',
    '198.51.100.1 from 10.64.0.4 via 203.0.113.1 dev eth0 \\    cache iif br-ct ',
    '198.51.100.3 from 10.64.0.2 via 203.0.113.1 dev eth0 \\    cache iif br-ct ',
    '172.17.0.5 from 10.64.0.2 dev docker0 \\    cache iif br-ct ',
    'local 203.0.113.9 from 10.64.0.2 dev lo table local \\    cache <local> iif br-ct ',
  ].join('\n')
  const system = () =>
    recordingSystem({ query: (command) => (command.startsWith('ip ') ? ROUTES : FLOWS_OUT) })

  it('end where they leave by the upstream and their answers go elsewhere, of every protocol', async () => {
    const host = system()
    expect(await conntrackDriver([EGRESS, { ...EGRESS }], host)).toEqual({ done: 2 })
    expect(host.queries).toEqual(['conntrack -L -f ipv4', 'ip -o -force -batch -'])
    expect(host.calls.map(({ command }) => command)).toEqual([
      'conntrack -D -f ipv4 -s 10.64.0.2 -d 198.51.100.1 -q 203.0.113.2',
      'conntrack -D -f ipv4 -s 10.64.0.2 -d 198.51.100.3 -q 10.64.0.2',
      'conntrack -D -f ipv4 -s 10.64.0.4 -d 198.51.100.1 -q 203.0.113.2',
    ])
  })

  it('without NAT are right untranslated', async () => {
    const host = system()
    await conntrackDriver([{ ...EGRESS, to: 'source' }], host)
    expect(host.calls.map(({ command }) => command)).toEqual([
      'conntrack -D -f ipv4 -s 10.64.0.2 -d 198.51.100.1 -q 203.0.113.2',
      'conntrack -D -f ipv4 -s 10.64.0.4 -d 198.51.100.1 -q 203.0.113.2',
    ])
  })

  it('where all are right, nobody is asked for routes', async () => {
    const host = recordingSystem({ query: () => out('10.64.0.2', '198.51.100.2', '203.0.113.9') })
    expect(await conntrackDriver([EGRESS], host)).toEqual({ done: 1 })
    expect(host.queries).toEqual(['conntrack -L -f ipv4'])
    expect(host.calls).toEqual([])
  })
})
