import { readdirSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/cli/args.ts'
import { runCommand } from '../lab/process.ts'

const FOLDER = 'examples/hooks'
const PROGRAM = '/usr/local/bin/slash64'

function read(name: string): string {
  return readFileSync(`${FOLDER}/${name}`, 'utf8')
}

describe('the hooks', () => {
  it('are all named by their README', () => {
    const files = readdirSync(FOLDER).filter((name) => name !== 'README.md')
    expect(files.length).toBeGreaterThan(3)
    for (const name of files) expect(read('README.md')).toContain(`](${name})`)
  })

  it('say words that slash64 knows', () => {
    const { hook } = JSON.parse(read('podman-blog.json')) as { hook: { path: string; args: string[] } }
    expect(hook.path).toBe(PROGRAM)
    const lines = ['lxc-start-host', 'nspawn.conf'].map((name) => {
      const [, words = ''] = new RegExp(`^(?:ExecStartPost=)?${PROGRAM} (.*)$`, 'm').exec(read(name)) ?? []
      return words.replaceAll('"', '').replace('$LXC_NAME', 'blog').replace('$LXC_PID', '4711').split(' ')
    })
    for (const words of [hook.args.slice(1), ...lines])
      expect(parseArguments(words)).toMatchObject({ ok: 'run', arguments: { command: 'attach' } })
  })

  it('are scripts that a shell can run', async () => {
    expect(statSync(`${FOLDER}/lxc-start-host`).mode & 0o111).toBe(0o111)
    expect(await runCommand(['sh', '-n', `${FOLDER}/lxc-start-host`])).toMatchObject({ exitCode: 0 })
  })
})
