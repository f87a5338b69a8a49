import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// The program as a process of its own, bundled as the build does it; engine and configuration are stand-ins.
const folder = mkdtempSync(join(tmpdir(), 'slash64-cli-'))
const program = join(folder, 'slash64.cjs')
let metafile: Metafile

const APP = `
  import { model, facts, plan, pass, change } from './test/report/samples.ts'
  export function createApp() {
    const changes = Array.from({ length: 20000 }, (_, n) => change({ key: 'k' + n, kind: 'kind' + (n % 200) }))
    const result = { ...pass({ plan: plan({ changes }), applied: changes, remaining: plan() }), facts: facts() }
    return {
      plan: async () => result,
      reconcile: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300))
        return result
      },
      now: () => new Date(),
      readFile: async (path) => {
        if (path === 'defect.yaml') throw new TypeError('defect')
        return 'text'
      },
      writeFile: async (path) => { process.stderr.write('wrote ' + path + '\\n') },
    }
  }`
const LOAD = `
  import { model } from './test/report/samples.ts'
  export const loadConfig = (text) => text.includes('BAD')
    ? { ok: false, issues: [{ code: 'S64-E001', message: 'bad', line: 1, column: 1, length: 1 }] }
    : { ok: true, model: model() }`
const FORMAT = `
  export const formatIssues = (issues, text, file) => issues.map(({ message }) => file + ': ' + message).join('')
  export const issuesToJson = (issues) => issues`

const standIns: Plugin = {
  name: 'stand-ins',
  setup({ onResolve, onLoad }) {
    const contents = new Map([
      ['../app/index.ts', APP],
      ['../config/load.ts', LOAD],
      ['../config/format-issues.ts', FORMAT],
    ])
    onResolve({ filter: /^\.\.\/(app\/index|config\/(load|format-issues))\.ts$/ }, ({ path }) => ({
      path,
      namespace: 'stand-in',
    }))
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({
      contents: contents.get(path) ?? '',
      loader: 'ts',
      resolveDir: process.cwd(),
    }))
  },
}

beforeAll(async () => {
  const result = await build({
    entryPoints: ['src/cli/main.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { 'process.env.SLASH64_VERSION': '"1.2.3"' },
    plugins: [standIns],
    metafile: true,
    logLevel: 'silent',
  })
  metafile = result.metafile
})

afterAll(() => rmSync(folder, { recursive: true }))

function slash64(argv: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...argv], {
    input,
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 2 ** 26,
  })
}

async function closeStdout(argv: readonly string[]): Promise<{ code: unknown; err: string }> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdout.destroy()
  const [code] = await once(child, 'close')
  return { code, err }
}

describe('--version', () => {
  test('prints just the version', () => {
    expect(slash64(['--version'])).toMatchObject({ status: 0, stdout: '1.2.3\n', stderr: '' })
  })

  test('is answered before anything is loaded', () => {
    const imports = metafile.inputs['src/cli/main.ts']?.imports ?? []
    expect(imports.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'dynamic-import src/cli/program.ts',
      'dynamic-import node:inspector',
      'dynamic-import src/system/clock.ts',
      'dynamic-import node:readline',
    ])
  })
})

describe('the process', () => {
  test.each([
    [[], 64],
    [['--help'], 0],
    [['nonsense'], 64],
    [['plan', '-q'], 0],
    [['plan', '-q', '--detailed-exitcode'], 2],
    [['reconcile', '--once', '-q', '--detailed-exitcode'], 2],
    [['teardown'], 64],
  ])('%j exits with its code', (argv, status) => {
    expect(slash64(argv).status).toBe(status)
  })

  test('reads standard input whole, in UTF-8', () => {
    expect(slash64(['validate', '-f', '-'], `${'ü'.repeat(200_000)} BAD`).status).toBe(78)
    expect(slash64(['validate', '-f', '-'], 'ü'.repeat(200_000))).toMatchObject({ status: 0, stderr: '' })
  })

  test('prints a large document whole before it ends', () => {
    const { stdout, status } = slash64(['plan', '-o', 'json'])
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toHaveProperty('changes.length', 20_000)
  })

  test('lays a relative place below its working directory', () => {
    const { stderr } = slash64(['reconcile', '--once', '-q', '--metrics-textfile', 'm.prom'])
    expect(stderr).toBe(`wrote ${join(process.cwd(), 'm.prom')}\n`)
  })

  test('shows no stack for a defect', () => {
    const { status, stderr } = slash64(['plan', '-f', 'defect.yaml'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^slash64: internal error: defect\nSet SLASH64_DEBUG=1/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('a failing write of the output is an error that is told', () => {
    const argv = ['-c', '"$0" "$1" plan -o json > /dev/full', process.execPath, program]
    const { status, stderr } = spawnSync('sh', argv, { encoding: 'utf8', timeout: 20_000 })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^slash64: the output is not whole: .*ENOSPC/)
    expect(stderr.split('\n')).toHaveLength(2)
  })
})

describe('a reader that goes away', () => {
  test('is no error, whether the document is large or small', async () => {
    expect(await closeStdout(['plan', '-o', 'json'])).toEqual({ code: 0, err: '' })
    expect(await closeStdout(['--help'])).toEqual({ code: 0, err: '' })
    expect(await closeStdout(['--version'])).toEqual({ code: 0, err: '' })
  })

  test('does not stop a pass half-way', async () => {
    const argv = ['reconcile', '--once', '--metrics-textfile', '/m', '--detailed-exitcode']
    expect(await closeStdout(argv)).toEqual({ code: 2, err: 'wrote /m\n' })
  })
})
