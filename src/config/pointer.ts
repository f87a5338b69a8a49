import type { ErrorObject } from 'ajv'
import type { Path } from '../model/path.ts'

/** The path of an error of ajv (RFC 6901 pointer). Digits are list positions only below lists. */
export function pathOf(error: ErrorObject): Path {
  const parts = error.instancePath.split('/').slice(1)
  return parts.map((part, index) => {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    return /^[0-9]+$/.test(name) && LISTS.has(parts[index - 1] ?? '') ? Number(name) : name
  })
}

/** Keys whose values are lists. A container may be called `from` or `443`, but then it is not one level below these. */
const LISTS: ReadonlySet<string> = new Set(['forwards', 'from', 'routes', 'host', 'expose'])

/** The value at a path; undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null) return undefined
    return Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined
  }, root)
}
