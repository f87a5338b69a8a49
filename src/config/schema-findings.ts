import type { ErrorObject } from 'ajv'
import { knownKeys } from './generated/validate-schema.js'
import { formatPath } from '../model/path.ts'
import type { Finding } from './issue.ts'
import type { Path } from '../model/path.ts'
import { pathOf, valueAt } from './pointer.ts'
import { didYouMean } from '../text/suggest.ts'

/** What a text must look like, by the key that it stands under. */
const FORMS: Readonly<Record<string, string>> = {
  expose: 'a port with its protocol, such as 443/tcp or 8000-8010/udp',
  listen: 'a port with its protocol, such as 443/tcp or 8000-8010/udp',
  to: 'a container and its port, such as blog:22 or db:8000-8010',
  name: 'letters, digits, "_", "." and "-", and begin with a letter, a digit or "_"',
  path: 'an absolute path of letters, digits and _.@:+- without "." or ".." as a part',
}

/** The finding of one error of the schema; none when another error of the same place says it better. */
export function schemaFinding(error: ErrorObject, root: unknown): readonly Finding[] {
  const path = pathOf(error)
  switch (error.keyword) {
    case 'additionalProperties':
      return [unknownKey(path, String(error.params['additionalProperty']))]
    case 'required':
      return [missingKey(path, String(error.params['missingProperty']))]
    case 'minimum':
    case 'maximum':
      return [outOfRange(error, path)]
    case 'minItems':
    case 'minProperties':
      return [{ code: 'S64-C007', path, message: `"${formatPath(path)}" must not be empty` }]
    case 'propertyNames':
      return [illegalName(path, String(error.params['propertyName']))]
    case 'pattern':
      // That of a key is told by `propertyNames`, which knows the key.
      return error.propertyName === undefined ? [wrongForm(path, valueAt(root, path))] : []
    default:
      return [
        {
          code: 'S64-C001',
          path,
          message: `"${formatPath(path)}" is not what the schema wants (${error.keyword})`,
        },
      ]
  }
}

function unknownKey(parent: Path, key: string): Finding {
  const known = keysOf(parent)
  const message = `unknown key "${key}"${inside(parent)}`
  const note = `known keys: ${known.toSorted().join(', ')}`
  return { code: 'S64-C002', path: [...parent, key], at: 'key', message, note, ...didYouMean(key, known) }
}

function missingKey(parent: Path, key: string): Finding {
  return { code: 'S64-C003', path: parent, at: 'key', message: `key "${key}" is missing${inside(parent)}` }
}

function outOfRange(error: ErrorObject, path: Path): Finding {
  const bound = error.keyword === 'minimum' ? 'at least' : 'at most'
  const message = `"${formatPath(path)}" must be ${bound} ${String(error.params['limit'])}`
  return { code: 'S64-C005', path, message }
}

function illegalName(parent: Path, name: string): Finding {
  const message = `"${name}" cannot be the name of a container`
  const note = 'names have lower-case letters, digits and inner hyphens, at most 63'
  return { code: 'S64-C008', path: [...parent, name], at: 'key', message, note }
}

function wrongForm(path: Path, value: unknown): Finding {
  const key = path.findLast((part) => typeof part === 'string') ?? ''
  const message = `"${String(value)}" in "${formatPath(path)}" must be ${FORMS[key] ?? 'of another form'}`
  return { code: 'S64-C006', path, message }
}

function inside(path: Path): string {
  return path.length === 0 ? '' : ` in "${formatPath(path)}"`
}

/** The keys that the mapping at a path knows. */
function keysOf(path: Path): readonly string[] {
  const place = Object.entries(knownKeys).find(([known]) => {
    const parts = known === '' ? [] : known.split('.')
    return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index])
  })
  return place?.[1] ?? []
}
