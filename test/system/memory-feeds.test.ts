import { describe, expect, it } from 'vitest'
import { memoryFeeds } from '../support/memory-feeds.ts'
import { failure } from '../support/recording-system.ts'

describe('the clock of memoryFeeds', () => {
  it('calls what is due, in order of time and then of being set, and nothing else', async () => {
    const feeds = memoryFeeds()
    const called: string[] = []
    const set = (name: string, after: number) =>
      feeds.after(after, () => called.push(`${name} at ${feeds.now()}`))
    set('c', 30)
    set('a', 10)
    set('b', 10)
    set('late', 41)
    set('never', 20).cancel()
    await feeds.advance(40)
    expect([called, feeds.now()]).toEqual([['a at 10', 'b at 10', 'c at 30'], 40])
    await feeds.advance(1)
    expect(called.at(-1)).toBe('late at 41')
  })

  it('lets promises settle between timers, and calls those that are set meanwhile', async () => {
    const feeds = memoryFeeds()
    const called: string[] = []
    const again = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
      called.push(`${feeds.now()}`)
      feeds.after(10, () => void again())
    }
    void again()
    await feeds.advance(35)
    expect(called).toEqual(['0', '10', '20', '30'])
  })

  it('a timer that another one cancels is not called', async () => {
    const feeds = memoryFeeds()
    const called: string[] = []
    feeds.after(10, () => second.cancel())
    const second = feeds.after(10, () => called.push('second'))
    await feeds.advance(100)
    expect(called).toEqual([])
  })
})

describe('the programs and files of memoryFeeds', () => {
  it('say what they are told to, until they end or are stopped', () => {
    const feeds = memoryFeeds()
    const heard: string[] = []
    const listener = {
      line: (text: string) => heard.push(`line ${text}`),
      complaint: (text: string) => heard.push(`complaint ${text}`),
      end: ({ code }: { code: string }) => heard.push(`end ${code}`),
    }
    const { stop } = feeds.follow(['nft', 'monitor'], listener)
    feeds.follow(['ip', 'monitor'], listener)
    feeds.line('nft', 'a')
    feeds.complain('ip', 'b')
    feeds.end('ip mon', failure('crashed'))
    expect(heard).toEqual(['line a', 'complaint b', 'end crashed'])
    expect(feeds.running()).toEqual(['nft monitor'])
    stop()
    expect(feeds.running()).toEqual([])
    expect(() => feeds.line('nft', 'c')).toThrow('no program runs that begins with: nft')
  })

  it('a file’s change is told until its watch is closed', async () => {
    const feeds = memoryFeeds({ chance: () => 0.25 })
    let changes = 0
    const { close } = feeds.watch('/f', () => (changes += 1))
    feeds.fileChanged()
    expect([changes, feeds.watched(), feeds.chance()]).toEqual([1, ['/f'], 0.25])
    await close()
    feeds.fileChanged()
    expect([changes, feeds.watched()]).toEqual([1, []])
  })
})
