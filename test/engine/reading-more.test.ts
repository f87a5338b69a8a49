import { describe, expect, it } from 'vitest'
import { outdated, readMore, unread, withNews } from '../../src/engine/reading.ts'
import type { Probe, Replies } from '../../src/engine/types.ts'
import { recordingSystem } from '../support/recording-system.ts'

const [NFT, LINKS]: readonly [Probe, Probe] = [
  { id: 'nft', argv: ['nft'] },
  { id: 'links', argv: ['links'] },
]

function known(text: string, ids: readonly string[] = ['nft', 'links', 'routes']): Replies {
  return new Map(ids.map((id) => [id, { text }]))
}

describe('reading more', () => {
  const reading = { replies: known('old'), fresh: new Set(['nft']) }

  it('asks each of them once, whatever is known, and what it says is of just now', async () => {
    const system = recordingSystem({ query: () => 'new' })
    const more = await readMore(reading, [LINKS, LINKS], system)
    expect(system.queries).toEqual(['links'])
    expect(more.fresh).toEqual(new Set(['nft', 'links']))
    expect([more.replies.get('links'), more.replies.get('routes')]).toEqual([
      { text: 'new' },
      { text: 'old' },
    ])
  })

  it('tells what has no answer, and what has none of just now', () => {
    expect(outdated(reading, [NFT, LINKS]).map(({ id }) => id)).toEqual(['links'])
    expect(unread({ ...reading, replies: known('old', ['nft']) }, [NFT, LINKS]).map(({ id }) => id)).toEqual([
      'links',
    ])
  })

  it('takes what another has read since, and nothing that it took over itself', () => {
    const news = { replies: known('news'), fresh: new Set(['links']) }
    const { replies, fresh } = withNews(reading, news)
    expect([replies.get('links'), replies.get('routes')]).toEqual([{ text: 'news' }, { text: 'old' }])
    expect(fresh).toEqual(new Set(['nft', 'links']))
  })
})
