import { expect, it } from 'vitest'
import { afterPoll, NO_POLLS, pollCost } from '../../src/controller/poll-cost.ts'
import type { Topic } from '../../src/engine/types.ts'

const of = (...topics: readonly Topic[]): ReadonlySet<Topic> => new Set(topics)

it('a poll costs what the last look took that read all of it', () => {
  let polls = afterPoll(NO_POLLS, { trigger: 'monitor', topics: of('firewall') }, 30)
  expect([pollCost(polls, of('firewall')), pollCost(polls, of('link'))]).toEqual([30, 0])
  polls = afterPoll(polls, { trigger: 'monitor', topics: of('firewall', 'link', 'route') }, 90)
  expect([pollCost(polls, of('firewall')), pollCost(polls, of('link'))]).toEqual([90, 90])
  polls = afterPoll(polls, { trigger: 'monitor', topics: of('firewall') }, 40)
  expect([pollCost(polls, of('firewall')), pollCost(polls, of('link'))]).toEqual([40, 90])
})

it('what was made for anything else, or read everything, is no poll', () => {
  expect(afterPoll(NO_POLLS, { trigger: 'nft', topics: of('firewall') }, 30)).toBe(NO_POLLS)
  expect(afterPoll(NO_POLLS, { trigger: 'monitor' }, 30)).toBe(NO_POLLS)
})
