import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { watchFile } from '../../src/system/watch-file.ts'
import { eventually, pause } from './eventually.ts'
import { closing, folder, NEVER, OFTEN, replace, watched } from './watched.ts'

describe('a file', () => {
  it('is told when it is written, replaced, moved away, made and removed, each time', async () => {
    const path = join(folder, 'network.yaml')
    writeFileSync(path, 'a')
    const { tells, missed } = await watched(path)
    await tells(() => writeFileSync(path, 'b'))
    await tells(() => appendFileSync(path, 'c'))
    for (const text of ['1', '2', '3']) await tells(() => replace(path, text))
    await tells(() => renameSync(path, `${path}~`))
    await tells(() => writeFileSync(path, 'd'))
    await tells(() => unlinkSync(path))
    await tells(() => replace(path, 'e'))
    await tells(() => writeFileSync(path, 'f'))
    await tells(() => chmodSync(path, 0o600))
    expect(missed).toEqual([])
  })

  it('that is not there yet is told when it is made', async () => {
    const { tells, missed } = await watched(join(folder, 'network.yaml'))
    await tells(() => writeFileSync(join(folder, 'network.yaml'), 'a'))
    expect(missed).toEqual([])
  })

  it('is told of a change between the call and the first event', async () => {
    const path = join(folder, 'network.yaml')
    writeFileSync(path, 'a')
    let changes = 0
    closing.push(watchFile(path, () => (changes += 1), NEVER).close)
    writeFileSync(path, 'ab')
    expect(changes).toBe(0)
    await eventually(() => changes > 0, 'a change')
    expect(changes).toBeLessThan(5)
  })

  it('the last of many quick changes is told after it was made', async () => {
    const path = join(folder, 'network.yaml')
    let seen = ''
    writeFileSync(path, '0')
    const { close } = watchFile(path, () => (seen = readFileSync(path, 'utf8')), NEVER)
    closing.push(close)
    await pause(60)
    for (let count = 1; count <= 30; count += 1) {
      replace(path, `${count}`)
      await pause(count % 7)
    }
    await eventually(() => seen === '30', 'the last content')
    expect(readFileSync(path, 'utf8')).toBe(seen)
  })

  it('neither its neighbours nor its being read are told', async () => {
    const path = join(folder, 'network.yaml')
    writeFileSync(path, 'a')
    const { count } = await watched(path, OFTEN)
    writeFileSync(`${path}.swp`, 'a')
    mkdirSync(join(folder, 'inside'))
    writeFileSync(join(folder, 'inside', 'network.yaml'), 'a')
    readFileSync(path)
    await pause(3 * OFTEN)
    expect(count()).toBe(0)
  })

  it('of any name is watched: one that looks like an editor’s own, with blanks, or like a pattern', async () => {
    for (const name of ['a.yaml~', '.x.swp', 'my network [1] {a}*.yaml', 'rück.yaml']) {
      const { tells, missed, close } = await watched(join(folder, name))
      await tells(() => writeFileSync(join(folder, name), 'a'))
      await tells(() => replace(join(folder, name), 'b'))
      await close()
      expect(missed).toEqual([])
    }
  })

  it('is not told any more once the watch is closed', async () => {
    const path = join(folder, 'network.yaml')
    const { close, count } = await watched(path, OFTEN)
    await close()
    writeFileSync(path, 'a')
    await pause(3 * OFTEN)
    expect(count()).toBe(0)
    const early = watchFile(path, () => expect.unreachable(), OFTEN)
    await early.close()
  })
})
