import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Argv } from '../../src/engine/types.ts'
import { holding } from '../../src/system/holding.ts'
import { SystemError } from '../../src/system/errors.ts'
import { scripts } from '../../src/system/scripts.ts'
import { nftHolder } from '../../src/system/nft-holder.ts'
import type { NftHolder, NftHolderOptions } from '../../src/system/nft-holder.ts'
import { recordingSystem } from '../support/recording-system.ts'
import { NEWER_NFT, notShown } from '../support/newer-nft.ts'
import { eventually, pause } from './eventually.ts'
import { netRoom } from './net-room.ts'
import type { NetRoom } from './net-room.ts'

const runDir = mkdtempSync(join(tmpdir(), 'slash64-holder-'))
afterAll(() => rmSync(runDir, { recursive: true }))

let holder: NftHolder
let losses = 0
beforeEach(() => start(['true']))
afterEach(async () => {
  await holder.close()
})

function start(argv: Argv, more: Partial<NftHolderOptions> = {}): void {
  losses = 0
  const path = process.env['PATH'] ?? ''
  const room = scripts({ runDir, elsewhere: [] })
  holder = nftHolder({ path, scripts: room, argv, lost: () => void (losses += 1), ...more })
}

async function failureOf(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => 'fine',
    (error: unknown) => error,
  )
}

/** Others run the same at the same time, in rooms of their own. */
const PROGRAM_OF_ROOM = 'pgrep -n -f "nft -i$" --ns $$ --nslist net'
const OWN = 'add table inet held { flags owner, persist; }\n'

it.each(notShown('a script for nft -i'))('NOT SHOWN HERE: %s', (why) => {
  expect(why).toContain('nft 1.1')
})

describe.each(NEWER_NFT)('a script for nft -i', ({ nft }) => {
  let room: NetRoom
  beforeAll(async () => {
    room = await netRoom()
  })
  afterAll(() => room.close())
  beforeEach(() => {
    room.run([nft, 'flush', 'ruleset'])
    start(room.inside(nft, '-i'))
  })
  afterEach(async () => {
    await holder.close()
    room.run([nft, 'flush', 'ruleset'])
  })
  const table = (): string => room.run([nft, 'list', 'table', 'inet', 'held'])

  it('makes a table its own, which stays without an owner when it is closed', async () => {
    await holder.run(`${OWN}add chain inet held a\n`)
    expect(table()).toMatch(/flags owner,persist/)
    room.run([nft, 'flush', 'ruleset'])
    expect(table()).toMatch(/chain a/)
    await holder.close()
    expect(table()).toMatch(/flags persist/)
    expect([holder.isAlive(), losses]).toEqual([false, 0])
    expect(readdirSync(runDir)).toEqual([])
  })

  it.each([
    ['add chain inet held ok\nadd rule inet held nope accept\n', 'not-found'],
    ['add chain inet held ok\nadd chain inet held b { type filter hook nonsense priority 0; }\n', 'other'],
    ['add chain inet held ok\nthis is no command\nnor this\n', 'other'],
    ['add chain inet held ok\ncreate chain inet held there\n', 'exists'],
    ['add chain inet held ok\nslash64-end-2\n', 'other'],
  ])('that is wrong is told as nft -f tells it, and nothing of it is done: %j', async (script, code) => {
    await holder.run(`${OWN}add chain inet held there\n`)
    const error = await failureOf(holder.run(script))
    expect(error).toMatchObject({ name: 'SystemError', code, subject: expect.stringMatching(/^nft -f \//) })
    const { detail, subject } = error as { readonly detail: string; readonly subject: string }
    const file = subject.slice('nft -f '.length)
    // The same by `nft -f`, in a room of its own.
    const other = await netRoom()
    try {
      other.run([nft, '-f', '-'], `${OWN.replace(/ \{.*\}/, '')}add chain inet held there\n`)
      const said = other.run(['sh', '-c', `${nft} -f - 2>&1 || true`], script).trim()
      expect(detail.replaceAll(file, '/dev/stdin')).toBe(said)
    } finally {
      other.close()
    }
    expect(table()).not.toMatch(/chain ok/)
    await holder.run('add chain inet held after\n')
    expect(table()).toMatch(/chain after/)
    expect(losses).toBe(0)
  })

  it.each(['add set inet held s { type ipv4_addr; \n', 'add set inet held s { comment "open', '"'])(
    'that breaks off is told, and takes nothing along: %j',
    async (end) => {
      await holder.run(OWN)
      expect(await failureOf(holder.run(`add chain inet held ok\n${end}`))).toMatchObject({ code: 'other' })
      expect(table()).not.toMatch(/chain ok/)
      await holder.run('add chain inet held after\n')
      expect(table()).toMatch(/chain after/)
    },
  )

  it('each of many gets its own answer, in turn', async () => {
    await holder.run(OWN)
    const runs = Array.from({ length: 40 }, (_, index) =>
      failureOf(
        holder.run(index % 2 === 0 ? `add chain inet held c${index}\n` : `flush chain inet held x${index}\n`),
      ),
    )
    const answers = await Promise.all(runs)
    expect(answers.filter((_, index) => index % 2 === 0)).toEqual(Array.from({ length: 20 }, () => 'fine'))
    const details = answers.flatMap((answer) => (answer instanceof SystemError ? [answer.detail] : []))
    expect(details.map((detail) => /flush chain inet held (x\d+)/.exec(detail)?.[1])).toEqual(
      Array.from({ length: 20 }, (_, index) => `x${index * 2 + 1}`),
    )
    expect(table().match(/chain c/g)).toHaveLength(20)
  })

  it('may be as large as it likes', async () => {
    const elements = Array.from({ length: 65_536 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
    const fill = `add element inet held s { ${elements.join(', ')} }\n`
    await holder.run(`${OWN}add set inet held s { type ipv4_addr; }\n${fill}`)
    expect(await failureOf(holder.run(fill.replace('inet held s', 'inet held t')))).toMatchObject({
      code: 'not-found',
    })
    await holder.run('add chain inet held after\n')
    const found = room.run(['sh', '-c', `${nft} -s list table inet held | tr , '\\n' | grep -c '10\\.'`])
    expect(Number(found)).toBe(65_536)
  })

  it('after the program was killed, the next one gets the table as it was', async () => {
    await holder.run(`${OWN}add chain inet held a\n`)
    const pid = /flags owner/.test(table()) ? room.run(['sh', '-c', PROGRAM_OF_ROOM]).trim() : ''
    process.kill(Number(pid), 'SIGKILL')
    await eventually(() => losses === 1, 'the loss')
    expect([holder.isAlive(), table()]).toEqual([false, expect.stringMatching(/flags persist[^]*chain a/)])
    await holder.run(OWN)
    expect(table()).toMatch(/flags owner,persist[^]*chain a/)
  })
})

describe('a loss', () => {
  it('of a program that lives no second is told a second after its start, and not once it is closed', async () => {
    start(['sh', '-c', 'exit 1'])
    const began = performance.now()
    await failureOf(holder.run('x\n'))
    expect(losses).toBe(0)
    await eventually(() => losses === 1, 'the loss')
    expect(performance.now() - began).toBeGreaterThan(900)
    await failureOf(holder.run('x\n'))
    await holder.close()
    await pause(1_100)
    expect(losses).toBe(1)
  })
})

describe('a program that does not do what nft does', () => {
  it('does not answer: it is killed at the deadline, and its loss is told', async () => {
    start(['sh', '-c', 'sleep 60 & cat >/dev/null'], { deadline: 200 })
    const error = await failureOf(holder.run('x\n'))
    const seen = expect.stringMatching(/\(cat, process \d+: state S/)
    expect(error).toMatchObject({
      code: 'timeout',
      subject: expect.stringMatching(/^nft -f \//),
      detail: seen,
    })
    expect(holder.isAlive()).toBe(false)
    await eventually(() => losses === 1, 'the loss')
  })

  it.each([
    ['exit 3', { code: 'other', detail: 'exit code 3' }],
    ['read line; echo "Operation not permitted" >&2; exit 1', { code: 'other' }],
    ['kill -SEGV $$', { code: 'crashed', detail: 'ended by SIGSEGV' }],
  ])('ends in the middle: %s', async (body, error) => {
    start(['sh', '-c', body])
    expect(await failureOf(holder.run('x\n'))).toMatchObject(error)
    expect(holder.isAlive()).toBe(false)
    await eventually(() => losses === 1, 'the loss')
  })

  it('is not there', async () => {
    start(['nft', '-i'], { path: '/nowhere' })
    expect(await failureOf(holder.run('x\n'))).toMatchObject({ code: 'missing-tool', detail: '/nowhere' })
    await eventually(() => losses === 1, 'the loss')
  })

  it('warns only: that is no failure', async () => {
    start([
      'sh',
      '-c',
      'while read -r line; do read -r word; printf "Warning: old\\nError: syntax\\n%s\\n^^\\n" "$word" >&2; done',
    ])
    expect(await failureOf(holder.run('x\n'))).toBe('fine')
    expect(await failureOf(holder.run('x\n'))).toBe('fine')
  })
})

describe('a System whose firewall is held', () => {
  const takesHold = (script: string): boolean => script.includes('owner')
  const runs: string[] = []
  let alive = false
  const held: NftHolder = {
    isAlive: () => alive,
    run: async (script) => {
      alive = true
      runs.push(script)
    },
    close: async () => undefined,
  }
  beforeEach(() => {
    alive = false
    runs.length = 0
  })

  it('gives transactions to the holder from the first that takes hold', async () => {
    const plain = recordingSystem()
    const system = holding(plain, held, takesHold)
    expect(system.places).toEqual({ ...plain.places, holdsFirewall: true })
    for (const script of ['one', 'owner two', 'three']) await system.run(['nft', '-f'], script)
    await system.run(['ip', '-batch'], 'four')
    expect(runs).toEqual(['owner two', 'three'])
    expect(plain.calls.map(({ script }) => script)).toEqual(['one', 'four'])
    alive = false
    await system.run(['nft', '-f'], 'five')
    expect(plain.calls.at(-1)).toEqual({ command: 'nft -f', script: 'five' })
  })

  it.each(['/run/a b', '/run/a"b', '/run/[ab]', '/run/*'])(
    'holds nothing where nft cannot name files: %s',
    (folder) => {
      const plain = recordingSystem()
      const system = { ...plain, places: { ...plain.places, runDir: folder } }
      expect(holding(system, held, takesHold)).toBe(system)
    },
  )
})
