import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LateEvent } from '../../src/system/command-event.ts'
import { SystemError } from '../../src/system/errors.ts'
import { execute } from '../../src/system/execute.ts'
import type { Ended } from '../../src/system/execute.ts'
import { nftHolder } from '../../src/system/nft-holder.ts'
import { scripts } from '../../src/system/scripts.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Milliseconds; the hard limit is ten times that. */
const DEADLINE = 1_000
const WORK = `timeout 2 sh -c 'while :; do :; done'`

async function run(script: string, deadline = DEADLINE): Promise<Ended> {
  return execute(['sh', '-c', script], { path: PATH, deadline, usual: deadline })
}

async function failureOf(script: string, deadline = 500): Promise<SystemError> {
  const error: unknown = await run(script, deadline).catch((reason: unknown) => reason)
  if (error instanceof SystemError) return error
  throw new Error(`it did not fail: ${JSON.stringify(error)}`)
}

describe('a program that is slow is waited for', () => {
  it.each([
    ['works', `${WORK}; :`],
    ['is a shell that waits for one that works', `sh -c "${WORK}; :"; :`],
    ['prints while it does', 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo; sleep 0.1; done'],
  ])(
    'when it %s',
    async (_how, script) => {
      const { seconds } = await run(script)
      expect(seconds).toBeGreaterThan(DEADLINE / 1000)
    },
    30_000,
  )

  it('up to the hard limit', async () => {
    const began = performance.now()
    const { code, detail } = await failureOf('while :; do :; done', 300)
    expect(performance.now() - began).toBeGreaterThan(2_900)
    expect([code, detail]).toEqual(['timeout', expect.stringMatching(/\(sh, process \d+: state R\)$/)])
  }, 30_000)
})

describe('a program that hangs is given up', () => {
  it.each([
    ['sleeps', 'exec sleep 60', /\(sleep, process \d+: state S(, waits in \w+)?\)$/],
    ['waits for one that sleeps', 'sleep 60; :', /\(sleep, process \d+: state S(, waits in \w+)?\)$/],
    ['is stopped', 'kill -STOP $$', /\(sh, process \d+: state T(, waits in \w+)?\)$/],
    [
      'starts one that is stopped',
      `sh -c 'kill -STOP $$'; :`,
      /\(sh, process \d+: state T(, waits in \w+)?\)$/,
    ],
    ['has worked before it sleeps', `timeout 0.2 sh -c 'while :; do :; done'; sleep 60`, /\(sleep, /],
  ])(
    'when it %s',
    async (_how, script, seen) => {
      const { code, detail, evidence } = await failureOf(script)
      expect([code, detail]).toEqual([
        'timeout',
        expect.stringMatching(/^did not end in time and was killed /),
      ])
      expect(detail).toMatch(seen)
      expect(evidence?.length).toBeGreaterThan(0)
    },
    30_000,
  )

  it('when its deadline strikes: the looks are made before', async () => {
    // Measured against a sleep that begins with it.
    const first = await Promise.race([failureOf('sleep 60', 2_000), run('sleep 3', 20_000)])
    expect(first).toBeInstanceOf(SystemError)
  }, 30_000)

  it('also when it polls in short sleeps', async () => {
    expect(await failureOf('while :; do sleep 0.1; done')).toMatchObject({ code: 'timeout' })
  }, 30_000)

  it('when it has ended, and left one behind that holds its pipes', async () => {
    const { detail } = await failureOf('sleep 60 & exit 0')
    expect(detail).toBe('did not end in time and was killed')
  }, 30_000)
})

it('the program that holds the firewall works until it answers: it is waited for, and told as late', async () => {
  const [late, runDir]: [LateEvent[], string] = [[], mkdtempSync(join(tmpdir(), 'slash64-late-'))]
  const answer = `printf 'Error: syntax\\n%s\\n^^\\n' "$word" >&2`
  const script = `while read -r line; do read -r word; ${WORK}; ${answer}; done`
  const tell = (event: LateEvent): void => void late.push(event)
  const options = {
    path: PATH,
    scripts: scripts({ runDir, elsewhere: [] }),
    lost: () => undefined,
    deadline: 500,
    late: tell,
  }
  const holder = nftHolder({ ...options, argv: ['sh', '-c', script] })
  try {
    await holder.run('x\n')
    expect(holder.isAlive()).toBe(true)
    expect(late).toMatchObject([{ tool: 'nft', command: expect.stringMatching(/^nft -f \//), allowed: 0.5 }])
  } finally {
    await holder.close()
    rmSync(runDir, { recursive: true })
  }
}, 30_000)
