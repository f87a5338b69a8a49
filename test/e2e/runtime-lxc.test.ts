import { describe } from 'vitest'
import { testLife } from './runtime-life.ts'
import { lxcScene } from './runtime-scenes.ts'

describe('a container of LXC', () => {
  testLife(lxcScene)
})
