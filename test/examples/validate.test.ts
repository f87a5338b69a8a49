import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCommand } from '../lab/process.ts'

const FOLDER = 'examples'
const MODELINE = '# yaml-language-server: $schema=../schemas/network.schema.json\n'
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

/** RFC 5737, RFC 3849, and the private addresses that containers have. */
const DOCUMENTATION = /^(192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|10\.)/

describe('examples', () => {
  it('are there in number, each with a word on what it is for', () => {
    expect(files.length).toBeGreaterThanOrEqual(7)
    for (const name of files) {
      expect(readFileSync(`${FOLDER}/${name}`, 'utf8').split('\n')[1]).toMatch(/^# [A-Z].{30,}/)
    }
  })

  it('show every key that there is, in whole.yaml', () => {
    const schema: unknown = JSON.parse(readFileSync('schemas/network.schema.json', 'utf8'))
    const used = new Set(keysOf(parse(readFileSync(`${FOLDER}/whole.yaml`, 'utf8'))))
    const known = new Set(propertiesOf(schema))
    expect(known.size).toBeGreaterThan(25)
    expect([...known].filter((key) => !used.has(key))).toEqual([])
  })

  it('number a hundred containers in big.yaml', () => {
    const big: { readonly containers: object } = parse(readFileSync(`${FOLDER}/big.yaml`, 'utf8'))
    expect(Object.keys(big.containers)).toHaveLength(100)
  })
})

describe.each(files)('%s', (name) => {
  const text = readFileSync(`${FOLDER}/${name}`, 'utf8')

  it('is a valid network.yaml', async () => {
    const result = await runCommand([
      process.execPath,
      'dist/slash64.cjs',
      'validate',
      '--file',
      `${FOLDER}/${name}`,
    ])
    expect(result.stderr).toBe('')
    expect(result.exitCode).toBe(0)
  })

  it('tells editors where the schema is, and uses documentation addresses only', () => {
    expect(text.startsWith(MODELINE)).toBe(true)
    for (const [address] of text.matchAll(/\b\d+\.\d+\.\d+\.\d+\b/g)) expect(address).toMatch(DOCUMENTATION)
    for (const [address] of text.matchAll(/\b[23][0-9a-f]{3}:[0-9a-f:]+/g))
      expect(address).toMatch(/^2001:db8:/)
  })
})

/** Every key of a document, at every depth. */
function keysOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
}

/** Every key that the schema names. `$schema` is for JSON files: YAML has the modeline. */
function propertiesOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema ? Object.keys(schema.properties ?? {}) : []
  return [...own, ...Object.values(schema).flatMap(propertiesOf)].filter((key) => key !== '$schema')
}
