import { describe } from 'vitest'
import { lxcScene } from './runtime-scenes.ts'
import { testTrouble } from './runtime-trouble.ts'

describe('with LXC, a container', () => {
  testTrouble(lxcScene)
})
