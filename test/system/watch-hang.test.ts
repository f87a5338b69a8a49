import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from './eventually.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'slash64-hang-'))
const script = join(folder, 'watch.cjs')
const mount = join(folder, 'mount')
const children: ChildProcess[] = []
beforeAll(async () => {
  mkdirSync(mount)
  await build({
    stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
  })
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** Looks every 50 ms, and says after a second, if its timers still run, whether files can be read. */
const PROGRAM = `import { readFile } from 'node:fs/promises'
  import { watchFile } from './src/system/watch-file.ts'
  const { close } = watchFile(process.argv[2], () => console.log('changed'), 50)
  setTimeout(async () => {
    console.log((await readFile('/proc/self/comm', 'utf8')).length > 0 ? 'can read' : '')
    await close()
    console.log('closed')
  }, 1_000)`

/** A file system of user space of which nobody answers: each look at it hangs, as on a dead NFS server. */
const HUNG = `exec 5<>/dev/fuse
  mount -i -t fuse -o fd=5,rootmode=40000,user_id=0,group_id=0 hung '${mount}' && exec "$@"`

function canHang(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK)
    return true
  } catch {
    console.warn('NOT SHOWN HERE: a mount that hangs: it needs /dev/fuse')
    return false
  }
}

describe.each(canHang() ? ['a mount that hangs'] : [])('%s', () => {
  it('holds up neither timers nor other files, and keeps the watch from being closed no more', async () => {
    const args = ['--user', '--map-root-user', '--mount', 'sh', '-c', HUNG, 'sh']
    const child = spawn('unshare', [...args, process.execPath, script, join(mount, 'network.yaml')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    let said = ''
    child.stdout.on('data', (text: Buffer) => (said += text.toString()))
    await eventually(() => said.includes('closed'), 'its end').catch(() => undefined)
    expect(said).toBe('can read\nclosed\n')
  })
})
