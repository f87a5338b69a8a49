import { describe, expect, it } from 'vitest'
import { countTransactions } from '../../src/controller/transactions.ts'
import { outcomes, settled, type Scene } from './support.ts'

const TABLES = 'stdbuf -oL nft -d netlink monitor tables'
const OURS = 'add element inet slash64 exposed6 { 2001:db8:1:1::1:2 . 6 . 443-0x7f5e }'

/** What the monitor of tables says of a transaction of elements, ours or foreign. */
function tablesTell({ feeds }: Scene): void {
  const command = feeds.running().find((one) => one.endsWith('monitor tables')) ?? TABLES
  for (const kind of ['NEWSETELEM', 'NEWGEN']) feeds.line(command, `netlink event: NFT_MSG_${kind}`)
}

function nftTells({ feeds }: Scene, ...lines: readonly string[]): void {
  for (const line of lines) feeds.line('nft monitor', line)
}

const end = (number: number): string => `# new generation ${number} by process 4711 (nft)`

describe('a monitor that prints and does not come to an end', () => {
  it('is not waited for: what the other one has told of is looked at', async () => {
    const scene = await settled()
    tablesTell(scene)
    await scene.feeds.advance(29)
    expect(outcomes(scene)).toEqual([])
    await scene.feeds.advance(20)
    expect(outcomes(scene)).toEqual(['pass nft part noop'])
  })

  it('tells nothing new with what came before the look', async () => {
    const scene = await settled()
    tablesTell(scene)
    await scene.feeds.advance(50)
    scene.events.length = 0
    for (let count = 0; count < 20; count += 1) {
      nftTells(scene, OURS)
      await scene.feeds.advance(200)
    }
    nftTells(scene, end(7))
    await scene.feeds.advance(200)
    expect(outcomes(scene)).toEqual([])
    nftTells(scene, OURS)
    await scene.feeds.advance(200)
    expect(outcomes(scene)).toEqual(['pass nft part noop'])
  })

  it('and the next transaction is heard behind them all the same', async () => {
    const scene = await settled()
    tablesTell(scene)
    await scene.feeds.advance(50)
    scene.events.length = 0
    nftTells(scene, OURS)
    tablesTell(scene)
    await scene.feeds.advance(200)
    expect(outcomes(scene)).toEqual(['pass nft part noop'])
  })
})

it('transactions of others, which both monitors tell of, are no reason to look', async () => {
  const scene = await settled()
  for (let number = 1; number <= 10; number += 1) {
    tablesTell(scene)
    nftTells(scene, 'add element ip docker x { 10.0.0.1 }', end(number))
    await scene.feeds.advance(100)
  }
  expect(outcomes(scene)).toEqual([])
})

describe('what is counted', () => {
  const gen = { tables: 'netlink event: NFT_MSG_NEWGEN', nft: end(1) }

  it('is the same for both once neither has said anything for a second', () => {
    const count = countTransactions()
    expect(count.line('nft-tables', gen.tables, 0)).toBe(1)
    expect(count.isBehind(1)).toBe(true)
    expect(count.line('nft-tables', gen.tables, 999)).toBe(2)
    expect(count.isBehind(1)).toBe(true)
    expect(count.line('nft-tables', gen.tables, 2_000)).toBe(3)
    expect([count.isBehind(2), count.isBehind(3)]).toEqual([false, true])
    count.line('nft', gen.nft, 2_010)
    expect(count.isBehind(3)).toBe(false)
  })

  it('is never seen before a look', () => {
    const count = countTransactions()
    count.line('nft-tables', gen.tables, 0)
    expect(count.isSeen()).toBe(false)
    count.look()
    expect(count.isSeen()).toBe(true)
    count.line('nft', gen.nft, 10)
    expect(count.isSeen()).toBe(false)
    // It tells first of what the other one will tell of.
    count.line('nft', gen.nft, 20)
    count.look()
    expect(count.isSeen()).toBe(false)
  })

  it('begins anew with a program that is started anew', () => {
    const count = countTransactions()
    for (const at of [0, 10, 20]) count.line('nft-tables', gen.tables, at)
    count.restart()
    expect(count.isBehind(3)).toBe(false)
  })
})
