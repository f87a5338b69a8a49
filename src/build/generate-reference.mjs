// Writes the reference of network.yaml into README.md, from the descriptions in the JSON Schema.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const START = /<!-- reference: [^>]*-->\n/
const END = '<!-- /reference -->'

/** README.md with the reference as the schema has it now, formatted as the whole tree is. */
export async function withReference(readme, schema) {
  const start = START.exec(readme)
  const from = start.index + start[0].length
  const text = `${readme.slice(0, from)}\n${reference(schema)}\n${readme.slice(readme.indexOf(END))}`
  const file = join(root, 'README.md')
  return format(text, { ...(await resolveConfig(file)), filepath: file })
}

function reference(schema) {
  const rows = keysOf(schema, schema, '').map(({ path, node, required }) => {
    const cells = [
      `\`${path}\``,
      typeOf(node, schema),
      required ? 'required' : defaultOf(node),
      node.description ?? '',
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  })
  return ['| key | type | default | |', '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

/** Every key below a node, in the schema's order; `*` stands for a name of the user's choice, `[]` for a list. */
function keysOf(schema, given, prefix) {
  const node = resolved(given, schema)
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const required = (node.required ?? []).includes(name)
    return [
      { path, node: { ...resolved(child, schema), ...described(child) }, required },
      ...keysOf(schema, child, path),
    ]
  })
  const named =
    typeof node.additionalProperties === 'object'
      ? keysOf(schema, node.additionalProperties, `${prefix}.*`)
      : []
  const patterns = Object.values(node.patternProperties ?? {}).flatMap((child) =>
    keysOf(schema, child, `${prefix}.*`),
  )
  const items = node.items ? keysOf(schema, node.items, `${prefix}[]`) : []
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap((child) =>
    keysOf(schema, child, prefix),
  )
  return [...own, ...named, ...patterns, ...items, ...branches]
}

function described(child) {
  return child.description === undefined ? {} : { description: child.description }
}

function resolved(node, schema) {
  if (node.$ref === undefined) return node
  return node.$ref
    .replace('#/', '')
    .split('/')
    .reduce((place, name) => place[name], schema)
}

function typeOf(given, schema) {
  const node = resolved(given, schema)
  if (node.const !== undefined) return `\`${node.const}\``
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ')
  const branches = node.oneOf ?? node.anyOf
  if (branches) return [...new Set(branches.map((branch) => typeOf(branch, schema)))].join(', ')
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {}, schema)}`
  return Array.isArray(node.type) ? node.type.join(', ') : (node.type ?? 'text')
}

function defaultOf({ default: value }) {
  return value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const schema = JSON.parse(readFileSync(join(root, 'schemas/network.schema.json'), 'utf8'))
  const file = join(root, 'README.md')
  const readme = readFileSync(file, 'utf8')
  const fresh = await withReference(readme, schema)
  if (fresh !== readme) writeFileSync(file, fresh)
}
