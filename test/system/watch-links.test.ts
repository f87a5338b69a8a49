import { mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pause } from './eventually.ts'
import { folder, OFTEN, point, replace, watched } from './watched.ts'

describe('a symbolic link', () => {
  it('is told when it is pointed elsewhere, and when what it points to changes', async () => {
    for (const name of ['one', 'two']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'real.yaml'), 'a')
    }
    mkdirSync(join(folder, 'etc'))
    const link = join(folder, 'etc', 'network.yaml')
    symlinkSync(join(folder, 'one', 'real.yaml'), link)
    const { tells, count, missed } = await watched(link)
    await tells(() => writeFileSync(join(folder, 'one', 'real.yaml'), 'b'))
    await tells(() => replace(join(folder, 'one', 'real.yaml'), 'c'))
    await tells(() => point(link, '../two/real.yaml'))
    await tells(() => replace(join(folder, 'two', 'real.yaml'), 'd'))
    await tells(() => writeFileSync(join(folder, 'two', 'real.yaml'), 'e'))
    const before = count()
    replace(join(folder, 'one', 'real.yaml'), 'nobody looks there any more')
    await pause(100)
    expect(count()).toBe(before)
    await tells(() => point(link, '/nowhere'))
    await tells(() => point(link, join(folder, 'one', 'real.yaml')))
    await tells(() => replace(link, 'a file now'))
    await tells(() => writeFileSync(link, 'f'))
    expect(missed).toEqual([])
  })

  it('Kubernetes: a file by way of ..data, which is swapped', async () => {
    const version = (name: string, text: string): void => {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'network.yaml'), text)
    }
    version('..2026_1', 'a')
    symlinkSync('..2026_1', join(folder, '..data'))
    symlinkSync('..data/network.yaml', join(folder, 'network.yaml'))
    const { tells, missed } = await watched(join(folder, 'network.yaml'))
    for (const number of [2, 3, 4]) {
      version(`..2026_${number}`, 'b')
      await tells(() => point(join(folder, '..data'), `..2026_${number}`))
      rmSync(join(folder, `..2026_${number - 1}`), { recursive: true })
      await pause(60)
    }
    expect(missed).toEqual([])
  })

  it('a directory on the way, as Nix and releases have it', async () => {
    for (const name of ['r1', 'r2']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'network.yaml'), name)
    }
    symlinkSync('r1', join(folder, 'current'))
    const { tells, missed } = await watched(join(folder, 'current', 'network.yaml'))
    await tells(() => point(join(folder, 'current'), 'r2'))
    await tells(() => writeFileSync(join(folder, 'r2', 'network.yaml'), 'x'))
    expect(missed).toEqual([])
  })

  it('a circle is no file, and does no harm', async () => {
    symlinkSync('b', join(folder, 'a'))
    symlinkSync('a', join(folder, 'b'))
    const { tells, missed } = await watched(join(folder, 'a'))
    await tells(() => replace(join(folder, 'a'), 'a file'))
    expect(missed).toEqual([])
  })
})

describe('a directory', () => {
  it('that is missing at first is seen when it comes, and from then on at once', async () => {
    const path = join(folder, 'deep', 'down', 'network.yaml')
    const { tells, missed } = await watched(path, OFTEN)
    await tells(() => {
      mkdirSync(join(folder, 'deep', 'down'), { recursive: true })
      writeFileSync(path, 'a')
    })
    await pause(60)
    await tells(() => writeFileSync(path, 'b'))
    expect(missed).toEqual([])
  })

  it('that is removed and made again is watched again, over and over', async () => {
    const path = join(folder, 'here', 'network.yaml')
    const make = (): void => {
      mkdirSync(join(folder, 'here'))
      writeFileSync(path, 'a')
    }
    make()
    const { tells, missed } = await watched(path, OFTEN)
    for (let round = 0; round < 2; round += 1) {
      await tells(() => rmSync(join(folder, 'here'), { recursive: true }))
      await tells(make)
      await pause(60)
      await tells(() => writeFileSync(path, 'b'))
    }
    expect(missed).toEqual([])
  })

  it('that is made again with the number of the one before is another one', async () => {
    const path = join(folder, 'here', 'network.yaml')
    mkdirSync(join(folder, 'here'))
    const { tells, missed } = await watched(path)
    await tells(() => {
      rmdirSync(join(folder, 'here'))
      mkdirSync(join(folder, 'here'))
    })
    await pause(60)
    await tells(() => writeFileSync(path, 'a'))
    expect(missed).toEqual([])
  })

  it('that is moved away, with another in its place, is followed by name', async () => {
    for (const name of ['here', 'next']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'network.yaml'), name)
    }
    const path = join(folder, 'here', 'network.yaml')
    const { tells, missed } = await watched(path, OFTEN)
    await tells(() => {
      renameSync(join(folder, 'here'), join(folder, 'old'))
      renameSync(join(folder, 'next'), join(folder, 'here'))
    })
    await pause(2 * OFTEN)
    await tells(() => writeFileSync(path, 'b'))
    expect(missed).toEqual([])
  })
})
