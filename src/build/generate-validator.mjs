// Compiles the schema into plain code, so that start-up never does (41 ms), and lists the keys that each object knows.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const outputFolder = join(root, 'src/config/generated')
const schema = JSON.parse(readFileSync(join(root, 'schemas/network.schema.json'), 'utf8'))

/** The keys that each object of the file knows, by its place in the file: `containers.*.runtime`. */
function knownKeys(node, place) {
  const target = node.$ref === undefined ? node : schema.definitions[node.$ref.split('/').at(-1)]
  const { properties, additionalProperties, items, oneOf = [] } = target
  const below = (name) => (place === '' ? name : `${place}.${name}`)
  return [
    ...(properties === undefined ? [] : [[place, Object.keys(properties)]]),
    ...Object.entries(properties ?? {}).flatMap(([key, value]) => knownKeys(value, below(key))),
    ...[additionalProperties, items].filter(Boolean).flatMap((value) => knownKeys(value, below('*'))),
    ...oneOf.flatMap((branch) => knownKeys(branch, place)),
  ]
}

function validatorCode() {
  const code = { source: true, esm: true, lines: true }
  const ajv = new Ajv({ allErrors: true, strict: true, messages: false, code })
  const text = standalone(ajv, ajv.compile(schema))
  // Helpers of ajv would be loaded by `require`, which an ES module has not.
  if (text.includes('require(')) throw new Error('the schema uses a keyword that needs a helper of ajv')
  return `${text}\nexport const knownKeys = ${JSON.stringify(Object.fromEntries(knownKeys(schema, '')))};\n`
}

const types = `import type { ErrorObject } from 'ajv'
import type { Config } from '../types.ts'

export declare const validate: ((value: unknown) => value is Config) & { errors?: ErrorObject[] | null }
export declare const knownKeys: Readonly<Record<string, readonly string[]>>
`

mkdirSync(outputFolder, { recursive: true })
writeFileSync(join(outputFolder, 'validate-schema.js'), validatorCode())
writeFileSync(join(outputFolder, 'validate-schema.d.ts'), types)
