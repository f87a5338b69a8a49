import { describe, expect, it } from 'vitest'
import { createBell, rest } from '../../src/controller/bell.ts'
import { memoryFeeds } from '../support/memory-feeds.ts'

function ears() {
  const feeds = memoryFeeds()
  const heard: number[] = []
  const bell = createBell(feeds)
  const wait = (milliseconds: number) => void bell.wait(milliseconds).then(() => heard.push(feeds.now()))
  return { feeds, heard, bell, wait }
}

describe('the bell', () => {
  it('ends a wait at its time', async () => {
    const { feeds, heard, wait } = ears()
    wait(30)
    await feeds.advance(29)
    expect(heard).toEqual([])
    await feeds.advance(1)
    expect(heard).toEqual([30])
  })

  it('ends it at once when it rings', async () => {
    const { feeds, heard, bell, wait } = ears()
    wait(30)
    await feeds.advance(10)
    bell.ring()
    bell.ring()
    await feeds.advance(0)
    expect(heard).toEqual([10])
  })

  it('that rang while nobody waited ends the next wait, and that one only', async () => {
    const { feeds, heard, bell, wait } = ears()
    bell.ring()
    bell.ring()
    wait(30)
    await feeds.advance(0)
    expect(heard).toEqual([0])
    wait(30)
    await feeds.advance(29)
    expect(heard).toEqual([0])
  })

  it('leaves no timer that ends a later wait', async () => {
    const { feeds, heard, bell, wait } = ears()
    wait(30)
    await feeds.advance(10)
    bell.ring()
    await feeds.advance(0)
    wait(100)
    await feeds.advance(99)
    expect(heard).toEqual([10])
    await feeds.advance(1)
    expect(heard).toEqual([10, 110])
  })

  it('waits an hour at most, however long it is told to: longer timers of Node end at once', async () => {
    const { feeds, heard, wait } = ears()
    wait(Infinity)
    await feeds.advance(3_600_000)
    expect(heard).toEqual([3_600_000])
  })
})

describe('a rest', () => {
  it('is as long as told', async () => {
    const feeds = memoryFeeds()
    let isOver = false
    void rest(feeds, 100).then(() => (isOver = true))
    await feeds.advance(99)
    expect(isOver).toBe(false)
    await feeds.advance(1)
    expect(isOver).toBe(true)
  })
})
