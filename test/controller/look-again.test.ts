import { expect, it } from 'vitest'
import { outcomes, settled } from './support.ts'

it('asked to look again, it reads the firewall, as soon as for an event', async () => {
  const scene = await settled()
  scene.controller.lookAgain()
  await scene.feeds.advance(100)
  expect(outcomes(scene)).toEqual(['pass monitor part noop'])
})
