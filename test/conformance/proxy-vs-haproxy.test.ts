import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../lab/process.ts'
import { IPV4 } from './proxy-files.ts'
import { PROXY_CASES } from './proxy-cases.ts'
import { CONFIG_CASES } from './proxy-configs.ts'
import { memoryProxySide, newPlaces, realProxySide } from './proxy-side.ts'
import type { ProxySide } from './proxy-side.ts'
import { admin, check, checkQuietly, put, start } from './proxy-steps.ts'
import type { Step } from './proxy-steps.ts'

const sides: ProxySide[] = []

afterEach(async () => {
  for (const side of sides.splice(0)) await side.end()
})

function bothSides(): readonly [fake: ProxySide, real: ProxySide] {
  if (process.env['SLASH64_ENTERED'] !== 'yes') throw new Error('runs only under .ci/enter')
  const places = newPlaces()
  const fake = memoryProxySide(places)
  const real = realProxySide(places)
  sides.push(fake, real)
  return [fake, real]
}

async function answers(side: ProxySide, steps: readonly Step[]): Promise<readonly string[]> {
  const all: string[] = []
  for (const step of steps) all.push(await step(side))
  return all
}

describe('the proxy in memory does what haproxy does', () => {
  it.each(PROXY_CASES)('$title', async ({ steps }) => {
    const [fake, real] = bothSides()
    const wanted = await answers(real, steps.flat())
    expect(await answers(fake, steps.flat())).toEqual(wanted)
    expect(wanted.some((answer) => answer !== '')).toBe(true)
  })
})

describe('what a check says about a configuration', () => {
  it.each(CONFIG_CASES)('$title', async ({ files }) => {
    const [fake, real] = bothSides()
    const steps = [put(files), check, checkQuietly]
    const wanted = await answers(real, steps)
    expect(await answers(fake, steps)).toEqual(wanted)
  })
})

describe('checks', () => {
  const server = `    server s ${IPV4}:8080 check inter 300ms rise 1 fall 2\n`
  const files = put((before) => ({
    ...before,
    'backends.cfg': `global\nbackend b-web\n    mode http\n${server}`,
  }))
  const state = admin('show servers state')

  it('find a server up, and down when it ends', async () => {
    const [fake, real] = bothSides()
    const ends: (() => Promise<void>)[] = []
    for (const side of [fake, real]) {
      ends.push(await side.listen({ address: IPV4, port: 8080 }))
      await answers(side, [files, start])
    }
    for (const health of ['up', 'down'] as const) {
      if (health === 'down') for (const end of ends) await end()
      await fake.found('b-web', health)
      const words = health === 'up' ? ' 6 3 2 6 ' : ' 8 2 0 6 '
      await eventually(async () => (await state(real)).includes(words))
      const wanted = await state(real)
      expect(wanted).toContain(words)
      expect(await state(fake)).toBe(wanted)
    }
  })
})
