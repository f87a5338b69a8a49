import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readText, removeFile, withScript, writeAtomically, writeInPlace } from '../../src/system/files.ts'

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

describe('withScript', () => {
  it('hands out a file that only we can read, and takes it away, also after a failure', async () => {
    const runDir = join(folder, 'run')
    const seen = await withScript(runDir, 'line\n', async (file) => ({
      text: readFileSync(file, 'utf8'),
      mode: statSync(file).mode & 0o777,
    }))
    expect(seen).toEqual({ text: 'line\n', mode: 0o600 })
    const failing = withScript(runDir, '', async () => {
      throw new Error('tool failed')
    })
    await expect(failing).rejects.toThrow('tool failed')
    expect(readdirSync(runDir)).toEqual([])
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
