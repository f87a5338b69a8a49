import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Plan } from '../../src/engine/types.ts'
import type { Model } from '../../src/model/types.ts'
import { latestPlan } from '../../src/report/pass.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'
import { freshHost } from '../support/memory.ts'
import { appOf, byHand, changeLines, converge } from '../support/passes.ts'

/*
 * Each folder is one story: before.txt prepares the host (`ip`, `nft`, `sysctl`, `container` as by hand, `slash64 reconcile
 * FILE` for an earlier state of the file), network.yaml is what it should be now, plan.txt what that changes, after.txt the
 * host afterwards. GOLDEN=1 writes plan.txt and after.txt anew: read the difference before it is kept.
 */
const ROOT = fileURLToPath(new URL('.', import.meta.url))
const NAMES = readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)

function modelOf(name: string, file: string): Model {
  const loaded = loadConfig(readFileSync(`${ROOT}${name}/${file}`, 'utf8'), file)
  if (!loaded.ok) throw new Error(`${name}/${file}: ${JSON.stringify(loaded.issues)}`)
  return loaded.model
}

async function prepared(name: string): Promise<MemoryHost> {
  const host = freshHost([])
  const commands = readFileSync(`${ROOT}${name}/before.txt`, 'utf8').split('\n')
  for (const command of commands.filter((line) => line !== '' && !line.startsWith('#'))) {
    const file = /^slash64 reconcile (\S+)$/.exec(command)?.[1]
    if (file === undefined) await byHand(host, command)
    else await converge(host, modelOf(name, file))
  }
  return host
}

/** One line a change, then what is held back, what is in the way, and whether the host could be read. */
function planText(plan: Plan): string {
  const held = changeLines({ ...plan, changes: plan.heldBack }).map((line) => `held back: ${line}`)
  const problems = plan.problems.map(({ code, message }) => `problem: ${code} ${message}`)
  return asText([...changeLines(plan), ...held, ...problems, ...(plan.known ? [] : ['unknown'])])
}

/** The host without the files of the state directory. */
function hostText(host: MemoryHost): string {
  return asText(
    host
      .dump()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('file ')),
  )
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function expectFile(path: string, text: string): void {
  if (process.env['GOLDEN'] === '1') writeFileSync(path, text)
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'no such file: run with GOLDEN=1').toBe(text)
}

describe.each(NAMES)('%s', (name) => {
  it('plans what plan.txt says, and leaves the host as after.txt says', async () => {
    const host = await prepared(name)
    const model = modelOf(name, 'network.yaml')
    const pass = await appOf(host).reconcile(model)
    expectFile(`${ROOT}${name}/plan.txt`, planText(pass.plan))
    expectFile(`${ROOT}${name}/after.txt`, hostText(host))
    expect(pass.failed).toEqual([])
    expect(latestPlan(pass).changes).toEqual([])
    expect(latestPlan(pass).problems).toEqual(pass.plan.problems)
  })

  it('is done after one pass: the next one changes nothing', async () => {
    const host = await prepared(name)
    const model = modelOf(name, 'network.yaml')
    await appOf(host).reconcile(model)
    host.writes.length = 0
    const second = await appOf(host).reconcile(model)
    expect(changeLines(second.plan)).toEqual([])
    expect(host.writes).toEqual([])
  })
})
