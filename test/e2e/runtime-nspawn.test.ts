import { describe } from 'vitest'
import { testLife } from './runtime-life.ts'
import { nspawnScene } from './runtime-scenes.ts'

describe('a container of systemd-nspawn', () => {
  testLife(nspawnScene)
})
