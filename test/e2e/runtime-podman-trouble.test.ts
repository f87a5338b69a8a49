import { describe } from 'vitest'
import { podmanScene } from './runtime-scenes.ts'
import { testTrouble } from './runtime-trouble.ts'

describe('with Podman, a container', () => {
  testTrouble(podmanScene)
})
