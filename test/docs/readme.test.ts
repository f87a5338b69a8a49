import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a build script without types
import { withReference } from '../../src/build/generate-reference.mjs'
import { loadConfig } from '../../src/config/load.ts'
import { RUNTIMES } from '../../src/runtimes/index.ts'
import { container } from '../support/model.ts'

const readme = readFileSync('README.md', 'utf8')

describe('README.md', () => {
  it('has the reference of network.yaml as the schema has it (npm run reference)', async () => {
    const schema: unknown = JSON.parse(readFileSync('schemas/network.schema.json', 'utf8'))
    expect(await withReference(readme, schema)).toBe(readme)
  })

  it('shows a network.yaml that is valid', () => {
    const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(readme) ?? []
    expect(loadConfig(yaml, 'network.yaml')).toMatchObject({ ok: true })
  })

  it('shows containers of runtimes that are valid', () => {
    const [containers = ''] = /^containers:\n {2}blog: \{ runtime: lxc[^]*?(?=```)/m.exec(readme) ?? []
    const base = [
      'apiVersion: slash64/v1',
      'kind: Network',
      'upstream: { interface: eth0 }',
      "prefix: { cidr: '2001:db8:1:1::/64' }",
      "networks: { br-ct: { ipv6: '::1:0/112', ipv4: 10.64.0.0/24 } }",
    ]
    const loaded = loadConfig([...base, containers].join('\n'), 'network.yaml')
    expect(loaded).toMatchObject({ ok: true, model: { containers: { length: 4 } } })
  })

  it.each(Object.entries(RUNTIMES))('says what %s is asked, and who tells of changes', (type, runtime) => {
    const named = container('blog', 2, { runtime: { type: 'lxc', name: 'NAME', interface: 'eth0' } })
    const probe = runtime.probe(named, [named])
    const [row = ''] = new RegExp(`^\\| \`${type}\` .*$`, 'm').exec(readme) ?? []
    expect(row).toContain('argv' in probe ? probe.argv.join(' ') : probe.id)
    const [[tool = '', verb] = []] = runtime.events?.argvs([named]) ?? []
    const words = { docker: 'docker events', 'lxc-monitor': tool, '': 'nothing' }[tool] ?? `${tool} ${verb}`
    expect(row).toContain(words)
  })

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map(([, name]) => name ?? '')
    expect(named.length).toBeGreaterThan(2)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})
