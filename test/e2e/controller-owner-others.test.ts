import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { NEWER_NFT, notShown } from '../support/newer-nft.ts'
import { edits, NO_INTERVAL, type Edits } from './controller-edits.ts'
import { converged, fileOf, startController, type RunningController } from './controller-fixtures.ts'
import { holdersOf, tableFlags } from './controller-holders.ts'
import { slowed } from './controller-wrappers.ts'
import { container, expectExit, HOST, networkYaml } from './fixtures.ts'

let lab: Lab
let edit: Edits
let controller: RunningController | undefined

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
  await lab.serve('blog', '22/tcp')
})

afterEach(async () => {
  await controller?.stop()
  controller = undefined
})

afterAll(async () => {
  await lab?.destroy()
})

async function begin(yaml: string, env: Readonly<Record<string, string>> = {}): Promise<RunningController> {
  controller = startController(lab, yaml, { args: NO_INTERVAL, env })
  await converged(controller)
  return controller
}

/** Nothing of ours is on the host. */
async function bare(env: Readonly<Record<string, string>>): Promise<void> {
  expectExit(await lab.slash64(['teardown', '--yes'], { yaml: edit.last(), env }), 0)
}

it.each(notShown('a table that cannot be held, or is not yet'))('NOT SHOWN HERE: %s', (why) => {
  expect(why).toContain('nft 1.1')
})

describe.each(NEWER_NFT)('a table that cannot be held, or is not yet', ({ nft, env }) => {
  const flags = async (): Promise<string> => tableFlags(lab, nft)

  it('with nft 1.0.6 nothing is held: no child, no flags, and a flush is healed', async () => {
    await bare({})
    const running = await begin(edit.next())
    expect([await flags(), holdersOf(running)]).toEqual(['none', []])
    await lab.must('host', ['nft', 'flush', 'ruleset'])
    expect(await edit.isInForce()).toBe(true)
    expect([await flags(), holdersOf(running)]).toEqual(['none', []])
    // What cannot be is no failure, and nobody is told of it.
    expect(await running.metric('slash64_command_failures_total{tool="nft"}')).toBe(0)
    expect(await running.status()).toMatchObject({ errors: [] })
    expectExit(await lab.slash64(['plan', '--detailed-exitcode']), 0)
  })

  it('a plain table that stands is left as it is, and held from when it is made anew', async () => {
    await bare(env)
    expectExit(await lab.slash64(['reconcile', '--once'], { yaml: edit.next() }), 0)
    const running = await begin(edit.last(), env)
    expect([await flags(), holdersOf(running)]).toEqual(['none', []])
    expect(running.log()).not.toMatch(/ (created|updated|deleted) /)
    await lab.must('host', ['nft', 'flush', 'ruleset'])
    expect(await eventually(async () => (await flags()) === 'owner,persist')).toBe(true)
    expect(holdersOf(running)).toHaveLength(1)
    expect(await lab.tcp('internet', HOST, 2222)).toContain('blog')
  })

  it('one that sleeps is woken and adopted at once', async () => {
    await bare(env)
    expectExit(await lab.slash64(['reconcile', '--once'], { yaml: edit.next(), env }), 0)
    await lab.must('host', [nft, 'add table inet slash64 { flags dormant, persist; }'])
    await begin(edit.last(), env)
    expect(await flags()).toBe('owner,persist')
  })

  it('a single pass wakes one, and leaves it without an owner', async () => {
    await bare(env)
    expectExit(await lab.slash64(['reconcile', '--once'], { yaml: edit.next(), env }), 0)
    await lab.must('host', [nft, 'add table inet slash64 { flags dormant, persist; }'])
    expectExit(await lab.slash64(['reconcile', '--once'], { env }), 0)
    expect(await flags()).toBe('persist')
    expectExit(await lab.slash64(['plan', '--detailed-exitcode'], { env }), 0)
  })

  it('a route of the reverse proxy reaches a table that is held', async () => {
    await bare(env)
    await begin(edit.next(), env)
    const containers = { blog: container(lab, 'blog', 2) }
    const routes = [{ host: 'blog.example.org', to: 'blog', http: 8080, https: 'off' as const }]
    writeFileSync(fileOf(lab), networkYaml({ containers, routes }))
    const direct = async () =>
      (await lab.run('host', [nft, 'list', 'map', 'inet', 'slash64', 'direct6'])).stdout
    expect(await eventually(async () => /1:2 \. 80 : .*1:2 \. 8080/.test(await direct()))).toBe(true)
    expect(await flags()).toBe('owner,persist')
  })

  it("a transaction that fails is told in nft's own words, and what was wrong heals", async () => {
    await bare(env)
    const mark = join(lab.directory, 'lies')
    // While the mark is there, nft tells of a set that is not: it cannot be removed.
    const ghost = '{"set": {"family": "inet", "name": "ghost", "table": "slash64", "type": "ipv4_addr"}}, '
    const lie = `sed 's/{"chain"/${ghost}&/'`
    const lies = `case "$*" in *"list table"*) if [ -e ${mark} ]; then ${nft} "$@" | ${lie}; exit; fi;; esac`
    const running = await begin(edit.next(), slowed(lab, 'nft', `${lies}\nexec ${nft} "$@"`))
    const holders = holdersOf(running)
    writeFileSync(mark, '')
    running.signal('SIGHUP')
    const said = await running.says(/delete set inet slash64 ghost/)
    expect(said).toMatch(/nft -f: .*Error: .*No such file or directory.*S64-A001/)
    expect(said).not.toMatch(/slash64-end|In file included/)
    rmSync(mark)
    await converged(running)
    expect(await running.status()).toMatchObject({ errors: [] })
    // The program that was told lives on, and takes the next.
    writeFileSync(fileOf(lab), edit.next())
    expect(await edit.isInForce()).toBe(true)
    expect(holdersOf(running)).toEqual(holders)
  })
})
