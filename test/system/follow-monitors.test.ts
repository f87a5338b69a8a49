import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, pause } from './eventually.ts'
import { followed } from './followed.ts'
import { netRoom } from './net-room.ts'
import type { NetRoom } from './net-room.ts'

let room: NetRoom
beforeAll(async () => {
  room = await netRoom()
})
afterAll(() => room?.close())

const NFT = ['nft', 'monitor'] as const
const IP = ['ip', '-o', 'monitor', 'label', 'link', 'address', 'route', 'netconf'] as const

/** Makes changes until the monitor tells one: it does not say when it has begun to listen. */
async function tells(
  one: { readonly lines: readonly string[] },
  change: (round: number) => void,
  word: string,
) {
  for (let round = 0; !one.lines.some((line) => line.includes(word)); round += 1) {
    if (round === 50) throw new Error(`no line with ${word}: ${one.lines.join(' | ')}`)
    change(round)
    await pause(50)
  }
}

describe('nft monitor', () => {
  it('tells a change, line by line, and whose it was', async () => {
    const one = followed(room.inside(...NFT))
    await tells(one, (round) => room.run(['nft', `add table inet first${round}`]), 'add table inet first')
    room.run(
      ['nft', '-f', '-'],
      'add table inet t\nadd set inet t s { type ipv4_addr; }\nadd element inet t s { 10.0.0.1 }\n',
    )
    const told = (): readonly string[] =>
      one.lines.slice(one.lines.indexOf('add table inet t')).map((line) => line.trimEnd())
    await eventually(() => told().length === 4, 'three changes and their generation')
    expect(told()).toEqual([
      'add table inet t',
      'add set inet t s { type ipv4_addr; }',
      'add element inet t s { 10.0.0.1 }',
      expect.stringMatching(/^# new generation \d+ by process \d+ \(nft\)$/),
    ])
    expect([one.complaints, one.ends]).toEqual([[], []])
  })
})

describe('ip monitor', () => {
  it('tells links, addresses, routes and settings, each in one line', async () => {
    const one = followed(room.inside(...IP))
    await tells(one, (round) => room.run(['ip', 'link', 'set', 'lo', 'alias', `a${round}`]), '[LINK]')
    room.run(
      ['ip', '-batch', '-'],
      'link add d0 type veth peer name d1\nlink set d0 up\naddr add 10.1.0.1/24 dev d0\nroute add 10.2.0.0/24 via 10.1.0.2\n',
    )
    room.run(['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/d0/forwarding'])
    const words = [
      /^\[LINK\]\d+: d0@/,
      /^\[ADDR\]\d+: d0 .* 10\.1\.0\.1\/24/,
      /^\[ROUTE\]10\.2\.0\.0\/24 via/,
    ]
    for (const word of [...words, /^\[NETCONF\].*\bd0 .*forwarding on/])
      await eventually(() => one.lines.some((line) => word.test(line)), `${word} in ${one.lines.join('\n')}`)
    expect([complaintsOf(one), one.ends]).toEqual([[], []])
  })

  it('complains of events that the kernel had to throw away, and goes on', async () => {
    const one = followed(room.inside('sh', '-c', `echo $$; exec ip -rcvbuf 4096 ${IP.slice(1).join(' ')}`))
    await eventually(() => one.lines.length > 0, 'its number')
    const pid = Number(one.lines[0])
    await eventually(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'ip\n', 'ip')
    await tells(one, (round) => room.run(['ip', 'link', 'set', 'lo', 'alias', `b${round}`]), '[LINK]')
    process.kill(pid, 'SIGSTOP')
    const routes = Array.from({ length: 2000 }, (_, index) => `10.9.${index >> 8}.${index & 255}/32`)
    room.run(['ip', '-batch', '-'], routes.map((route) => `route add blackhole ${route}\n`).join(''))
    process.kill(pid, 'SIGCONT')
    await eventually(() => complaintsOf(one).length > 0, 'a complaint')
    expect(complaintsOf(one)[0]).toContain('No buffer space available')
    one.lines.length = 0
    await tells(one, (round) => room.run(['ip', 'link', 'set', 'lo', 'alias', `c${round}`]), '[LINK]')
    expect(one.ends).toEqual([])
  })
})

/** Without that of namespaces that went while iproute2 looked up a name: those of tests beside this one. */
function complaintsOf({ complaints }: { readonly complaints: readonly string[] }): readonly string[] {
  return complaints.filter((text) => !text.includes('Peer netns reference is invalid'))
}
