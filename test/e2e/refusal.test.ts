import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, mustRun } from '../lab/process.ts'
import { container, expectClearMessage, networkYaml, plan, reconcile } from './fixtures.ts'

let lab: Lab
let yaml: string

beforeEach(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  yaml = networkYaml({ containers: { blog: container(lab, 'blog', 2), db: container(lab, 'db', 3) } })
})
afterEach(async () => lab.destroy())

const ONCE = ['reconcile', '--once']

/** A directory that has these commands and no others. */
async function toolsOnly(name: string, commands: readonly string[]): Promise<string> {
  const directory = join(lab.directory, name)
  mkdirSync(directory, { recursive: true })
  for (const command of commands) {
    const path = (await mustRun(['sh', '-c', `command -v ${command}`])).trim()
    if (!existsSync(join(directory, command))) symlinkSync(path, join(directory, command))
  }
  return directory
}

/** Words that run a command where this tool is not: its directory is laid anew without it, for that command only. */
async function without(tool: string): Promise<readonly string[]> {
  const real = join(lab.directory, 'real')
  mkdirSync(real)
  const path = (await mustRun(['sh', '-c', `readlink -f "$(command -v ${tool})"`])).trim()
  const script = `mount --bind ${dirname(path)} ${real} && mount -t tmpfs none ${dirname(path)}
    ${real}/ln -s ${real}/* ${dirname(path)}/ 2>/dev/null || ln -s ${real}/* ${dirname(path)}/
    rm ${path} && exec "$@"`
  return ['unshare', '--mount', 'sh', '-ec', script, 'sh']
}

async function untouched(): Promise<void> {
  expect(await lab.must('host', ['nft', 'list', 'ruleset'])).toBe('')
  expect(await lab.must('host', ['ip', '-br', 'link'])).not.toContain('br-ct')
}

describe('one clear message', () => {
  it('says that the file is missing', async () => {
    const result = await lab.slash64(['validate'])
    expectClearMessage(result, 78, /network\.yaml/)
    expect(result.stdout).toBe('')
  })

  it('says where the file is wrong', async () => {
    const result = await lab.slash64(ONCE, { yaml: yaml.replace('"upstream"', '"upstraem"') })
    expectClearMessage(result, 78, /network\.yaml:\d+:\d+: error\[S64-[^\]]+\].*upstraem/)
    expect(result.stderr + result.stdout).toMatch(/upstream/)
    expect((await lab.slash64(ONCE, { yaml: '' })).exitCode).toBe(78)
    await untouched()
  })

  it('says what was wrong with the command line', async () => {
    const command = await lab.slash64(['reconcil'])
    expectClearMessage(command, 64, /reconcil/)
    const option = await lab.slash64(['plan', '--colour'])
    expectClearMessage(option, 64, /--colour/)
    expect(command.stdout + option.stdout).toBe('')
  })

  it('names the tool that is missing', async () => {
    const wrap = await without('nft')
    const result = await lab.slash64(ONCE, { yaml, wrap })
    expectClearMessage(result, 1, /nft/)
    const status = await lab.slash64(['status'], { wrap })
    expectClearMessage(status, 1, /^unknown .*\nupstream eth0: unknown$/m)
    expect((await lab.slash64(['validate'], { wrap })).exitCode).toBe(0)
    await untouched()
  })

  it('names the missing privilege', async () => {
    const wrap = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin']
    const result = await lab.slash64(ONCE, { yaml, wrap })
    expectClearMessage(result, 1, /CAP_NET_ADMIN|root/)
    expect(result.stderr.split('\n').length).toBeLessThan(12)
    await untouched()
  })

  it('names an upstream interface that is not there', async () => {
    const result = await lab.slash64(ONCE, { yaml: yaml.replace('"eth0"', '"eth7"') })
    expectClearMessage(result, 1, /eth7/)
    expect(await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).toBe('')
  })

  it('names the place that cannot be written', async () => {
    const script = 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$@"'
    const wrap = ['unshare', '--mount', 'sh', '-c', script, 'sh']
    const result = await lab.slash64(ONCE, { yaml, wrap })
    expectClearMessage(result, 1, /read-only/i)
    // The rest is done, and what is left is told: the firewall stands in any case.
    expect(result.stderr + result.stdout).toMatch(/proc\/sys\/|net\.ipv6\./)
    expect(await lab.must('host', ['nft', 'list', 'tables'])).toContain('inet slash64')
  })
})

describe('a guard', () => {
  it('refuses the second of two at once, by exit code 4, and says why', async () => {
    const bin = await toolsOnly('slow', ['ip', 'ss', 'conntrack', 'sh', 'nsenter', 'sleep', 'touch', 'env'])
    const nft = (await mustRun(['sh', '-c', 'command -v nft'])).trim()
    const [started, over] = [join(lab.directory, 'started'), join(lab.directory, 'over')]
    const wait = `touch ${started}; while [ -e ${started} ] && [ ! -e ${over} ]; do sleep 0.05; done`
    writeFileSync(join(bin, 'nft'), `#!/bin/sh\n${wait}\nexec ${nft} "$@"\n`)
    chmodSync(join(bin, 'nft'), 0o755)
    const first = lab.slash64(ONCE, { yaml, wrap: ['env', `PATH=${bin}`] })
    expect(await eventually(() => existsSync(started))).toBe(true)
    const second = await lab.slash64(ONCE)
    expectClearMessage(second, 4, /another|lock|running/i)
    // A plan needs no lock.
    expect((await lab.slash64(['plan'])).exitCode).toBe(0)
    writeFileSync(over, '')
    expect((await first).exitCode).toBe(0)
  })

  it('refuses more deletions than the file allows, by exit code 4, and plans them as held back', async () => {
    await reconcile(lab, yaml)
    const other = { runtime: 'none', ipv6: '::1:9', ipv4: '10.64.0.9' } as const
    const fewer = networkYaml({ containers: { other }, policy: { maxDeletes: 1 } })
    const result = await lab.slash64(ONCE, { yaml: fewer })
    expectClearMessage(result, 4, /maxDeletes|deletes/)
    expect((await plan(lab)).summary.heldBack).toBeGreaterThan(1)
    expect(await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).toContain('2001:db8:1:1::1:2')
  })

  it('prunes nothing with prune: never', async () => {
    await reconcile(lab, yaml)
    const kept = networkYaml({ containers: {}, policy: { prune: 'never' } })
    expect([0, 4]).toContain((await lab.slash64(ONCE, { yaml: kept })).exitCode)
    expect(await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).toContain('2001:db8:1:1::1:2')
  })
})
