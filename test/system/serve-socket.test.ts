import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { SystemError } from '../../src/system/errors.ts'
import { exchange } from '../../src/system/exchange.ts'
import { serveSocket, type Serving } from '../../src/system/serve-socket.ts'
import { eventually } from '../lab/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'slash64-serve-'))
chmodSync(folder, 0o755)
const path = join(folder, 'run', 'a.sock')
afterAll(() => rmSync(folder, { recursive: true }))

let served: { close(): Promise<void> } | undefined
afterEach(async () => served?.close())

const failures: SystemError[] = []
let again = 0
const serving: Serving = { failed: (error) => void failures.push(error), served: () => void (again += 1) }

async function serve(answer = async (request: string) => `heard ${request}\n`): Promise<void> {
  served = serveSocket(path, answer, serving)
  await eventually(() => isThere(path))
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isSocket() === true
}

/** What comes back until the other side closes, of these words said raw. */
async function say(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.write(text))
    let said = ''
    socket.on('data', (chunk) => (said += chunk.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(said))
  })
}

describe('a socket that is asked', () => {
  it('answers one line, and closes; many at once', async () => {
    await serve()
    const answers = await Promise.all([1, 2, 3].map(async (one) => exchange(path, `${one}\n`)))
    expect(answers).toEqual(['heard 1\n', 'heard 2\n', 'heard 3\n'])
    expect(await say('one\ntwo\nthree\n')).toBe('heard one\n')
  })

  it('answers at any length, whole, also to who reads late', async () => {
    const long = `${'x'.repeat(8_000_000)}\n`
    await serve(async () => long)
    expect((await exchange(path, 'one\n')).length).toBe(long.length)
    const late = connect(path)
    late.pause()
    late.write('two\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    let size = 0
    for await (const chunk of late) size += (chunk as Buffer).length
    expect(size).toBe(long.length)
  })

  it('is for its owner only, alone in its folder, and gone when it closes', async () => {
    await serve()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'run'))).toEqual(['a.sock'])
    const asNobody = ['--reuid=65534', '--clear-groups', '--', process.execPath, '-e']
    const script = `require('node:net').connect(${JSON.stringify(path)}).on('error', (e) => console.log(e.code))`
    const said = await new Promise<string>((resolve) => {
      execFile('setpriv', [...asNobody, script], (_, stdout) => resolve(stdout.trim()))
    })
    expect(said).toBe('EACCES')
    await served?.close()
    expect(isThere(path)).toBe(false)
    await expect(exchange(path, 'x\n')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('takes the place of what an earlier one has left', async () => {
    await serve()
    const first = served
    await serve(async () => 'second\n')
    await eventually(async () => (await say('x\n')) === 'second\n')
    expect(await say('x\n')).toBe('second\n')
    await first?.close()
  })

  it('hears nobody who says too much, or goes before he has asked', async () => {
    let asked = 0
    await serve(async () => `${(asked += 1)}\n`)
    expect(await say('x'.repeat(5_000))).toBe('')
    await new Promise<void>((resolve) => {
      const socket = connect(path, () => socket.end('half'))
      socket.on('close', () => resolve()).resume()
    })
    expect(asked).toBe(0)
    expect(await say('x\n')).toBe('1\n')
  })

  it('tells why nobody can ask', async () => {
    writeFileSync(join(folder, 'file'), '')
    const there = join(folder, 'file', 'a.sock')
    const other = serveSocket(there, async () => 'here\n', serving)
    expect(await eventually(() => failures.length > 0)).toBe(true)
    expect(failures.at(-1)?.message).toContain('file')
    // It looks again each second, tells the same once, and listens when it can.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('file')])
    expect(again).toBe(0)
    rmSync(join(folder, 'file'))
    expect(await eventually(() => again === 1)).toBe(true)
    expect(await exchange(there, 'x\n')).toBe('here\n')
    await other.close()
  })

  it('makes its socket again when that, or the directory, was removed; not where it is another one by now', async () => {
    await serve()
    for (const gone of [path, join(folder, 'run')]) {
      rmSync(gone, { recursive: true })
      expect(await eventually(() => isThere(path))).toBe(true)
      expect(await exchange(path, 'x\n')).toBe('heard x\n')
    }
    // A rest of an earlier one, at which nobody listens.
    rmSync(path)
    const rest = createServer().listen(path)
    await eventually(() => rest.listening)
    renameSync(path, `${path}.rest`)
    await new Promise((resolve) => rest.close(resolve))
    await eventually(() => isThere(path))
    renameSync(`${path}.rest`, path)
    expect(await eventually(async () => (await say('x\n')) === 'heard x\n')).toBe(true)
    const second = serveSocket(path, async () => 'second\n', serving)
    expect(await eventually(async () => (await say('x\n')) === 'second\n')).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await say('x\n')).toBe('second\n')
    await second.close()
  })
})
