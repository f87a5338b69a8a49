import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeToOthers } from '../../src/system/own-directory.ts'
import { scripts } from '../../src/system/scripts.ts'
import { serveSocket } from '../../src/system/serve-socket.ts'
import { sweep, sweepAmongOthers } from '../../src/system/sweep.ts'
import { eventually } from './eventually.ts'

let folder = ''
const at = (name: string): string => join(folder, name)
const modeOf = (path: string): number => statSync(path).mode & 0o7777

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slash64-scripts-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function seen(file: string) {
  const mode = [modeOf(file), modeOf(dirname(file))]
  return { file, text: readFileSync(file, 'utf8'), mode }
}

describe('a script', () => {
  it('may be gone with its directory when it has run', async () => {
    const { use } = scripts({ runDir: at('run'), elsewhere: [] })
    const done = await use('x', async () => {
      renameSync(at('run'), at('away'))
      writeFileSync(at('run'), '')
      return 'done'
    })
    expect(done).toBe('done')
  })

  it('is in a file that only we can read, in a directory that only we can reach, and goes, also after a failure', async () => {
    const { use, fault } = scripts({ runDir: at('run'), elsewhere: [] })
    expect(await use('line\n', seen)).toMatchObject({ text: 'line\n', mode: [0o600, 0o700] })
    const failing = use('', async () => {
      throw new Error('tool failed')
    })
    await expect(failing).rejects.toThrow('tool failed')
    expect(await fault()).toBeUndefined()
    expect(readdirSync(at('run'))).toEqual([])
  })

  it('is in a fresh directory elsewhere, the first that takes it, where the run directory does not', async () => {
    writeFileSync(at('run'), '')
    mkdirSync(at('second'))
    const { use, fault } = scripts({ runDir: at('run'), elsewhere: [at('nowhere'), at('second')] })
    const place = await use('line\n', seen)
    expect(place).toMatchObject({ text: 'line\n', mode: [0o600, 0o700] })
    expect(place.file).toMatch(new RegExp(`^${at('second')}/slash64-tx-\\w{6}/tx$`))
    expect(await fault()).toMatchObject({ name: 'SystemError', subject: at('run') })
    expect(readdirSync(at('second'))).toEqual([])
    rmSync(at('run'))
    expect(await fault()).toBeUndefined()
    expect((await use('', seen)).file).toMatch(`${at('run')}/tx-`)
  })

  it('that can be nowhere is told by what the run directory says', async () => {
    const { use } = scripts({ runDir: '/proc/nowhere', elsewhere: [at('nowhere')] })
    await expect(use('', seen)).rejects.toMatchObject({ name: 'SystemError', subject: '/proc/nowhere' })
  })
})

describe('what a killed run left behind', () => {
  it('is removed when it is ours and old, links themselves only', async () => {
    const [old, young] = [
      ['tx-old', '.new-old', 'a.json.0123456789abcdef.tmp', 'slash64-tx-old'],
      ['tx-new', '.new-new'],
    ]
    const others = ['other-old', 'a.tmp', 'lock-1', 'tx-theirs']
    for (const name of [...old, ...young, ...others]) {
      if (name.includes('tmp')) writeFileSync(at(name), '')
      else mkdirSync(at(name))
    }
    writeFileSync(at('.new-old/s'), '')
    mkdirSync(at('kept'))
    symlinkSync(at('kept'), at('tx-link'))
    chownSync(at('tx-theirs'), 65_534, 65_534)
    const longAgo = new Date(Date.now() - 3_600_000)
    for (const name of [...old, ...others]) utimesSync(at(name), longAgo, longAgo)
    await sweepAmongOthers([folder])
    expect(existsSync(at('slash64-tx-old'))).toBe(false)
    expect(existsSync(at('tx-old'))).toBe(true)
    await sweep([folder, at('nowhere')])
    expect(readdirSync(folder).toSorted()).toEqual([...others, ...young, 'kept', 'tx-link'].toSorted())
  })
})

describe('a run directory that is open to others', () => {
  it.each([
    ['of our name', 'slash64', ['theirs']],
    ['with nothing but ours', 'run', ['proxy', 'control.sock', 'tx-1', 'lock-2']],
    ['that is empty', 'run', []],
  ])('%s is closed', (_, name, inside) => {
    mkdirSync(at(name))
    chmodSync(at(name), 0o755)
    for (const one of inside) writeFileSync(at(`${name}/${one}`), '')
    closeToOthers(at(name))
    expect(modeOf(at(name))).toBe(0o700)
  })

  it('stays as it is where others have their things in it, as in /run', () => {
    mkdirSync(at('run'))
    chmodSync(at('run'), 0o755)
    writeFileSync(at('run/systemd'), '')
    closeToOthers(at('run'))
    closeToOthers(at('nowhere'))
    expect(modeOf(at('run'))).toBe(0o755)
  })

  it('is made closed by the socket, too', async () => {
    const told = { failed: () => undefined, served: () => undefined }
    const server = serveSocket(at('run/control.sock'), async () => '', told)
    await eventually(() => existsSync(at('run/control.sock')), 'the socket')
    expect(modeOf(at('run'))).toBe(0o700)
    await server.close()
  })
})
