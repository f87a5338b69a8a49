import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { readText, removeFile, writeAtomically, writeInPlace } from '../../src/system/files.ts'

const folder = mkdtempSync(join(tmpdir(), 'slash64-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('writeAtomically', () => {
  it('makes the directories above, replaces the content and leaves nothing else behind', async () => {
    const path = join(folder, 'a/b/state.json')
    await writeAtomically(path, 'one')
    await writeAtomically(path, 'two')
    expect(await readText(path)).toBe('two')
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['state.json'])
  })

  it('ends where a directory cannot be made although its parent is there', async () => {
    await expect(writeAtomically('/proc/nope/deeper/file', 'x')).rejects.toMatchObject({
      name: 'SystemError',
      code: 'not-found',
      subject: '/proc/nope/deeper/file',
    })
  })

  it('says when something else stands where the directory should be', async () => {
    writeFileSync(join(folder, 'plain'), '')
    await expect(writeAtomically(join(folder, 'plain/file'), 'x')).rejects.toMatchObject({
      name: 'SystemError',
    })
    expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('')
  })
})

describe('small effects', () => {
  it('writes in place only what exists', async () => {
    const path = join(folder, 'value')
    await expect(writeInPlace(path, '1')).rejects.toMatchObject({ code: 'not-found' })
    writeFileSync(path, '0')
    await writeInPlace(path, '1')
    expect(await readText(path)).toBe('1')
  })

  it('removing what is gone is done', async () => {
    await removeFile(join(folder, 'value'))
    await removeFile(join(folder, 'value'))
    await expect(readText(join(folder, 'value'))).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('readText of what is no regular file', () => {
  const refusal = { name: 'SystemError', code: 'other', detail: 'is not a regular file' }

  it('refuses a named pipe, that nobody writes to or somebody does, instead of waiting', async () => {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const link = join(folder, 'link')
    symlinkSync(path, link)
    for (const name of [path, link])
      await expect(readText(name)).rejects.toMatchObject({ ...refusal, subject: name })
    const writer = spawn('sh', ['-c', `echo text >'${path}'`], { stdio: 'ignore' })
    await expect(readText(path)).rejects.toMatchObject(refusal)
    writer.kill('SIGKILL')
  })

  it.each(['/dev/zero', '/dev/tty', '/'])('refuses %s', async (path) => {
    await expect(readText(path)).rejects.toMatchObject({ ...refusal, subject: path })
  })

  it('reads what the kernel makes up', async () => {
    expect(await readText('/proc/self/comm')).not.toBe('')
    expect(await readText('/proc/sys/kernel/ostype')).toBe('Linux\n')
  })

  it('reads what was opened by who started us: <(command) of a shell', () => {
    const read = `import { readText } from './src/system/files.ts'
      process.stdout.write(await readText(process.argv[2]) + await readText('/dev/stdin'))`
    const script = join(folder, 'read.mjs')
    const stdin = { contents: read, resolveDir: process.cwd(), loader: 'ts' } as const
    buildSync({ stdin, outfile: script, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' })
    const line = `echo input | '${process.execPath}' '${script}' <(sleep 0.1; echo text)`
    expect(execFileSync('bash', ['-c', line], { encoding: 'utf8', timeout: 10_000 })).toBe('text\ninput\n')
  })
})
