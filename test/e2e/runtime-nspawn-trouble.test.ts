import { describe } from 'vitest'
import { nspawnScene } from './runtime-scenes.ts'
import { testTrouble } from './runtime-trouble.ts'

describe('with systemd-nspawn, a container', () => {
  testTrouble(nspawnScene)
})
