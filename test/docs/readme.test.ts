import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a build script without types
import { withReference } from '../../src/build/generate-reference.mjs'
import { loadConfig } from '../../src/config/load.ts'

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

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map(([, name]) => name ?? '')
    expect(named.length).toBeGreaterThan(2)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})
