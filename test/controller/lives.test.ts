import { describe, expect, it } from 'vitest'
import { afterEnd, afterLook, lifeIn, NO_LIVES, type Lives } from '../../src/controller/lives.ts'
import type { ContainerFacts } from '../../src/model/world.ts'
import { planned } from '../engine/kinds.ts'
import { container, model } from '../support/model.ts'
import { VETHS } from './support.ts'

const MODEL = model({ containers: [container('blog', 2), container('db', 3)] })

function blog(state: ContainerFacts['state'], more: Partial<ContainerFacts> = {}) {
  return new Map([['blog', { state, ipv4: [], ipv6: [], ...more }]])
}

const in1 = blog('running', { netns: '@1/4026' })
const in2 = blog('running', { netns: '@2/4027' })

/** The number of its run after these looks. */
function run(...looks: readonly ReturnType<typeof blog>[]): number | undefined {
  return looks.reduce(afterLook, NO_LIVES).get('blog')?.run
}

describe('the run of a container', () => {
  it.each([
    ['stays while its network is the same', [in1, in1], 1],
    ['ends with its network', [in1, in2, in1], 3],
    ['ends when it is absent, also when its network bears the same name then', [in1, blog('absent'), in1], 2],
    ['stays while nothing is known of it', [in1, blog('unknown'), in1], 1],
    ['is found after a look that told nothing', [in1, blog('unknown'), in2], 2],
    ['is none before it ran', [blog('unknown')], undefined],
    ['is none of ours where somebody else manages it', [blog('managed')], undefined],
  ])('%s', (_what, looks, number) => {
    expect(run(...looks)).toBe(number)
  })

  it('is the next one from its end on, whatever looks see of that', () => {
    const ended = afterEnd(afterLook(NO_LIVES, in1), 'blog')
    for (const looks of [[], [blog('unknown')], [blog('absent')], [in1], [blog('unknown'), in1], [in2, in2]])
      expect(looks.reduce(afterLook, ended).get('blog')?.run).toBe(2)
    // One that came and went before a look was one, too: something may have been made in it.
    expect(afterEnd(ended, 'blog').get('blog')?.run).toBe(3)
  })

  it('is forgotten with the container', () => {
    expect(afterLook(afterLook(NO_LIVES, in1), new Map())).toEqual(new Map())
  })
})

describe('what goes with a run of its container', () => {
  const lives: Lives = new Map([['blog', { run: 4, netns: '@2/4027' }]])
  const facts = blog('running', { attachment: { type: 'port', port: 'veth0Ab' } })
  const lifeOf = (kind: string, key: string) =>
    lifeIn(lives, MODEL, facts)({ ...planned('create any x'), kind, key })

  it.each([
    ['container-address', 'blog 10.64.0.2/24 dev eth0'],
    ['container-port', 'blog dev eth0'],
    ['veth', VETHS.blog],
    ['bridge-port', `ports ${VETHS.blog}`],
    ['port-sender', `ports4 ${VETHS.blog} . 10.64.0.2`],
    ['port-sender', 'ports4 veth0Ab . 10.64.0.2'],
  ])('%s %s', (kind, key) => {
    expect(lifeOf(kind, key)).toBe('blog 4')
  })

  it.each([
    ['nft-table', 'inet slash64'],
    ['nft-chain', 'guard'],
    ['exposure', 'exposed6 2001:db8:1:1::1:2 . 6 . 443'],
    ['bridge', 'br-ct'],
    ['bridge-port', 'ports veth9'],
    ['route', 'blog dev br-ct'],
    ['container-address', 'db 10.64.0.3/24 dev eth0'],
  ])('not %s %s', (kind, key) => {
    expect(lifeOf(kind, key)).toBeUndefined()
  })
})
