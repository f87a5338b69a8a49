import { describe, expect, it } from 'vitest'
import { parseConnections } from '../../src/formats/conntrack.ts'
import { capture } from '../support/captures.ts'

describe('conntrack -L, conntrack-tools 1.4.7', () => {
  it('reads a connection that a port forward translated: the backend answers', () => {
    expect(parseConnections(capture('conntrack-1.4.7/tcp.txt'))).toEqual([
      {
        source: '198.51.100.10',
        destination: '203.0.113.2',
        sourcePort: 40001,
        destinationPort: 2222,
        replySource: '10.64.0.2',
      },
    ])
  })

  it('reads flows without an answer, translated or not', () => {
    const flows = parseConnections(capture('conntrack-1.4.7/udp.txt'))
    expect(flows.map(({ destinationPort, replySource }) => [destinationPort, replySource])).toEqual([
      [8005, '10.64.0.3'],
      [9999, '203.0.113.2'],
    ])
  })

  it('leaves out what has no ports', () => {
    const icmp =
      'icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1\n'
    expect(parseConnections(icmp)).toEqual([])
    expect(parseConnections('')).toEqual([])
  })
})
