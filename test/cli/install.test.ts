import { describe, expect, test } from 'vitest'
import { SystemError } from '../../src/system/errors.ts'
import { slash64, type Stage } from './support.ts'

const FOLDER = '/etc/systemd/system'
const UNITS = ['slash64.service', 'slash64.path', 'slash64-proxy.service'].map((name) => `${FOLDER}/${name}`)
const MARK = '# slash64: written by "slash64 install"\n'

/** What a first run leaves. */
async function installed(...options: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { files } = await slash64(['install', ...options])
  return Object.fromEntries([...files].filter(([path]) => path.startsWith(FOLDER)))
}

function writes(calls: readonly string[]): readonly string[] {
  return calls.filter((call) => call.startsWith('writeFile ')).map((call) => call.slice(10))
}

describe('install', () => {
  test('writes the units, makes systemd read them, and says what comes next', async () => {
    const { code, out, err, calls, files } = await slash64(['install'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(writes(calls)).toEqual(UNITS)
    expect(calls.at(-1)).toBe('reloadUnits')
    for (const path of UNITS) expect(files.get(path)?.startsWith(MARK)).toBe(true)
    for (const path of UNITS) expect(out).toContain(`Wrote ${path}\n`)
    expect(out).toContain('\n  systemctl enable --now slash64.service\n')
  })

  test('a second time nothing changes, nothing is written, and systemd reads them again', async () => {
    const { code, out, calls } = await slash64(['install'], { files: await installed() })
    expect(code).toBe(0)
    expect(out).toBe(`No changes: the units in ${FOLDER} are as they should be.\n`)
    expect(calls.filter((call) => !/^(app|readFile) /.test(call))).toEqual(['reloadUnits'])
  })

  test('what systemd did not read the first time, it is made to read the next time', async () => {
    const reloadUnits = new SystemError({ code: 'timeout', subject: 'systemctl daemon-reload', detail: 'no' })
    const first = await slash64(['install'], { fails: { reloadUnits } })
    expect(first.code).toBe(1)
    const files = Object.fromEntries(first.files)
    const second = await slash64(['install'], { files, fails: { reloadUnits } })
    expect({ code: second.code, out: second.out }).toEqual({ code: 1, out: '' })
    const third = await slash64(['install'], { files })
    expect({ code: third.code, last: third.calls.at(-1) }).toEqual({ code: 0, last: 'reloadUnits' })
  })

  test('other options are written over what it wrote before, and only there', async () => {
    const files = await installed()
    const { code, out, calls } = await slash64(['install', '--interval', '5m'], { files })
    expect(code).toBe(0)
    expect(writes(calls)).toEqual([UNITS[0]])
    expect(calls.at(-1)).toBe('reloadUnits')
    expect(out).toContain('systemctl restart slash64.service')
  })

  test('without systemd the units are for the next boot', async () => {
    const { code, out } = await slash64(['install'], { systemd: false })
    expect(code).toBe(0)
    expect(out).toContain('systemd does not run here')
  })

  test('--detailed-exitcode tells whether anything was written', async () => {
    const words = ['install', '--detailed-exitcode']
    expect((await slash64(words)).code).toBe(2)
    expect((await slash64(words, { files: await installed() })).code).toBe(0)
  })

  test('--unit-dir is below the working directory when it is relative', async () => {
    const { calls } = await slash64(['install', '--unit-dir', 'units'])
    expect(writes(calls)[0]).toBe('/home/here/units/slash64.service')
  })

  test('--quiet says nothing of what went well', async () => {
    expect(await slash64(['install', '-q'])).toMatchObject({ code: 0, out: '', err: '' })
  })
})

describe('what was not written by install', () => {
  const own = { [`${FOLDER}/slash64.path`]: '[Unit]\nDescription=mine\n' }

  test('stays, and nothing else is written either', async () => {
    const { code, out, err, calls } = await slash64(['install'], { files: own })
    expect({ code, out }).toEqual({ code: 4, out: '' })
    expect(err).toContain(`error[S64-U003]: ${FOLDER}/slash64.path was not written by "slash64 install"`)
    expect(err).toContain('--force')
    expect(writes(calls)).toEqual([])
  })

  test('is overwritten with --force', async () => {
    const { code, files } = await slash64(['install', '--force'], { files: own })
    expect(code).toBe(0)
    expect(files.get(`${FOLDER}/slash64.path`)).toContain(MARK)
  })

  test('a link to /dev/null, which masks a unit, is not ours either', async () => {
    expect((await slash64(['install'], { files: { [`${FOLDER}/slash64.service`]: '' } })).code).toBe(4)
  })

  test('the same text is fine, whoever copied it there', async () => {
    const files = await installed()
    expect((await slash64(['install'], { files })).code).toBe(0)
  })
})

describe('--print', () => {
  test('prints every unit below its path, and touches nothing', async () => {
    const { code, out, err, calls } = await slash64(['install', '--print'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const expected = Object.entries(await installed()).map(([path, text]) => `# ${path}\n${text}`)
    expect(out).toBe(expected.join('\n'))
    expect(calls.filter((call) => !/^(app|readFile) /.test(call))).toEqual([])
  })

  test('needs to read nothing', async () => {
    const readFile = new SystemError({ code: 'denied', subject: FOLDER, detail: 'permission denied' })
    const { code, out } = await slash64(['install', '--print'], { fails: { readFile } })
    expect(code).toBe(0)
    expect(out).toContain(`# ${UNITS[0]}\n${MARK}`)
  })
})

describe('-o json', () => {
  async function document(argv: readonly string[], stage: Stage = {}) {
    const { code, out, err } = await slash64(['install', '-o', 'json', ...argv], stage)
    return { code, err, ...JSON.parse(out) }
  }

  test('has each unit, and whether it changed', async () => {
    const files = await installed()
    const found = await document(['--listen', '[::1]:9000'], { files })
    expect(found).toMatchObject({ code: 0, err: '', formatVersion: '1.0', errors: [] })
    const units: readonly { path: string; text: string; changed: boolean }[] = found.units
    expect(units.map(({ path, changed }) => [path, changed])).toEqual(
      UNITS.map((path, index) => [path, index === 0]),
    )
    expect(units[0]?.text).toContain('--listen [::1]:9000\n')
  })

  test('has what is wrong', async () => {
    const problem = { code: 'S64-U001', message: expect.any(String), hint: expect.any(String) }
    expect(await document(['-f', '/tmp/network.yaml'])).toMatchObject({ code: 1, err: '', errors: [problem] })
    const denied = new SystemError({ code: 'denied', subject: UNITS[0] ?? '', detail: 'permission denied' })
    expect(await document([], { fails: { writeFile: denied } })).toMatchObject({
      code: 1,
      units: [],
      errors: [{ code: 'S64-H002' }],
    })
  })
})

test('without root it says so, as elsewhere', async () => {
  const writeFile = new SystemError({ code: 'denied', subject: UNITS[0] ?? '', detail: 'permission denied' })
  const { code, err } = await slash64(['install'], { fails: { writeFile } })
  expect(code).toBe(1)
  expect(err).toContain('error[S64-H002]: no permission: /etc/systemd/system/slash64.service')
  expect(err).toContain('run as root')
})

test.each([
  [['-f', '-'], 'no standard input'],
  [['-o', 'markdown'], '--output of install must be text or json'],
  [['--log-format', 'xml'], '--log-format must be auto, text, journal or json'],
  [['--interval', 'often'], '--interval must be a time'],
  [['--once'], '--once is an option of reconcile only'],
])('%j is wrong usage', async (words, message) => {
  const { code, err, calls } = await slash64(['install', ...words])
  expect(code).toBe(64)
  expect(err).toContain(message)
  expect(writes(calls)).toEqual([])
})
