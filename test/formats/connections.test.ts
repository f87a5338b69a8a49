import { describe, expect, it } from 'vitest'
import { ancestry, parseConnections } from '../../src/formats/connections.ts'
import { parseHostListeners } from '../../src/formats/sockets.ts'

describe('what ss prints of connections', () => {
  it('is read with and without who holds them', () => {
    const text = [
      '0      36     203.0.113.2:22 198.51.100.10:50022 users:(("sshd",pid=12,fd=4),("sshd",pid=9,fd=4))',
      '0      0      [::ffff:203.0.113.2]:22   [::ffff:198.51.100.11]:50022',
      '0      0      [fe80::1%eth0]:22   [2001:db8::5]:1',
      '',
    ].join('\n')
    expect(parseConnections(text)).toEqual([
      { local: '203.0.113.2', localPort: 22, peer: '198.51.100.10', pids: [12, 9] },
      { local: '203.0.113.2', localPort: 22, peer: '198.51.100.11', pids: [] },
      { local: 'fe80::1', localPort: 22, peer: '2001:db8::5', pids: [] },
    ])
  })

  it('garbage is nobody', () => {
    expect(parseConnections('x y z\n::: 1\n0 0 a:b c:d\n')).toEqual([])
  })
})

describe('what ss prints of listeners', () => {
  it('tells TCP from UDP, wildcards from addresses, and devices', () => {
    const text = [
      'tcp   LISTEN 0      128    0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=7,fd=3))',
      'tcp   LISTEN 0      128    *:2022 *:*',
      'udp   UNCONN 0      0      [::]:53 [::]:*',
      'udp   UNCONN 0      0      0.0.0.0%lo:68 0.0.0.0:*',
      'nl    UNCONN 0      0      rtnl:kernel *',
    ].join('\n')
    expect(parseHostListeners(text)).toEqual([
      {
        protocol: 'tcp',
        address: undefined,
        families: [4],
        port: 22,
        processes: [{ program: 'sshd', pid: 7 }],
      },
      { protocol: 'tcp', address: undefined, families: [4, 6], port: 2022, processes: [] },
      { protocol: 'udp', address: undefined, families: [6], port: 53, processes: [] },
      { protocol: 'udp', address: undefined, families: [4], port: 68, processes: [], device: 'lo' },
    ])
  })
})

describe('where a process comes from', () => {
  it('is followed up to the first one, which is nobody’s, and never in circles', () => {
    expect([...ancestry(5, '  5  4\n  4  3\n  3  1\n 9 5\n')]).toEqual([5, 4, 3])
    expect([...ancestry(5, '5 4\n4 5\n')]).toEqual([5, 4])
  })
})
