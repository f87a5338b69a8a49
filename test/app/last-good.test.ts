import { describe, expect, it } from 'vitest'
import { keepLastGood, readLastGood } from '../../src/app/last-good.ts'
import type { SystemErrorCode } from '../../src/system/errors.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'

const FILE = '/var/lib/slash64/last-good.yaml'
const DEFECT = new TypeError('a defect')

describe('the last good file', () => {
  it('is what was kept last', async () => {
    const system = recordingSystem()
    expect(await readLastGood(FILE, system)).toBeUndefined()
    for (const text of ['one', 'two\n', '']) {
      expect(await keepLastGood(FILE, text, system)).toBeUndefined()
      expect(await readLastGood(FILE, system)).toBe(text)
    }
  })

  it('is written only when it is news', async () => {
    const system = recordingSystem({ files: { [FILE]: 'one' } })
    await keepLastGood(FILE, 'one', system)
    expect(system.calls).toEqual([])
    await keepLastGood(FILE, 'one\n', system)
    expect(system.calls.map(({ command }) => command)).toEqual([`write ${FILE}`])
  })

  it.each<SystemErrorCode>(['not-found', 'denied', 'other'])(
    'that cannot be read (%s) is none',
    async (code) => {
      const system = {
        ...recordingSystem(),
        readFile: async () => Promise.reject(failure(code, 'why', FILE)),
      }
      expect(await readLastGood(FILE, system)).toBeUndefined()
    },
  )

  it('that cannot be written is told, and not thrown', async () => {
    const error = failure('read-only', 'EROFS', FILE)
    const system = { ...recordingSystem(), writeFile: async () => Promise.reject(error) }
    expect(await keepLastGood(FILE, 'one', system)).toBe(error)
  })

  it('a defect is not swallowed', async () => {
    const system = {
      ...recordingSystem(),
      readFile: async () => Promise.reject(DEFECT),
      writeFile: async () => Promise.reject(DEFECT),
    }
    await expect(readLastGood(FILE, system)).rejects.toBe(DEFECT)
    const writing = { ...system, readFile: recordingSystem().readFile }
    await expect(keepLastGood(FILE, 'one', writing)).rejects.toBe(DEFECT)
  })
})
