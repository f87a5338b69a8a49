import { describe } from 'vitest'
import { testLife } from './runtime-life.ts'
import { podmanScene } from './runtime-scenes.ts'

describe('a container of Podman', () => {
  testLife(podmanScene)
})
