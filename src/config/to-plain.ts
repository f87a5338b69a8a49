import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Scalar, YAMLMap } from 'yaml'
import type { Code } from './codes.ts'
import type { Fault } from './issue.ts'
import { codePointName, unsafeIndex } from './text-faults.ts'

const DECIMAL = /^-?(?:0|[1-9][0-9]*)$/

type Ranged = { readonly range?: readonly [number, number, number] | null | undefined }

/**
 * The plain value of a node. Mappings have no prototype, so `__proto__` is a key like any other. Adds a fault for
 * each duplicate key, tag, anchor, alias, unsafe character and number not in decimal; recursion is bounded by
 * the depth that `compose` lets through.
 */
export function toPlain(node: unknown, faults: Fault[]): unknown {
  if (isAlias(node)) return refuse(node, 'S64-Y007', 'aliases are not supported', faults)
  if (isMap(node)) return plainMapping(node, faults)
  if (isSeq(node)) {
    checkProperties(node, faults)
    return node.items.map((item) => toPlain(item, faults))
  }
  return isScalar(node) ? plainScalar(node, faults) : null
}

function plainMapping(node: YAMLMap, faults: Fault[]): Readonly<Record<string, unknown>> {
  checkProperties(node, faults)
  const mapping: Record<string, unknown> = Object.create(null)
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? plainScalar(key, faults) : null
    if (typeof name !== 'string') refuse(isAlias(key) ? key : node, 'S64-Y001', 'a key must be text', faults)
    else if (name in mapping) refuse(asRanged(key), 'S64-Y005', `key "${name}" stands twice`, faults)
    else mapping[name] = toPlain(value, faults)
  }
  return mapping
}

function plainScalar(node: Scalar, faults: Fault[]): unknown {
  checkProperties(node, faults)
  const { value } = node
  if (typeof value === 'number') return plainNumber(node, value, faults)
  if (typeof value !== 'string') return value
  const index = unsafeIndex(value)
  const name = codePointName(value.charAt(index))
  if (index >= 0) refuse(node, 'S64-Y008', `character ${name} is not allowed, escaped neither`, faults)
  return value
}

/** `017`, `0o17`, `8080.0`, `1e3` and `.inf` are numbers to YAML; nothing is guessed from them. */
function plainNumber(node: Scalar, value: number, faults: Fault[]): number {
  const { source = '' } = node
  if (DECIMAL.test(source) && Number.isSafeInteger(value)) return value
  const hint = Number.isSafeInteger(value) ? `write ${value}, or put it in quotes if it is text` : undefined
  refuse(node, 'S64-Y009', `"${source}" is not a decimal integer`, faults, hint)
  return value
}

function checkProperties(node: Ranged & { anchor?: string; tag?: string }, faults: Fault[]): void {
  if (node.anchor !== undefined) refuse(node, 'S64-Y007', 'anchors are not supported', faults)
  if (node.tag === undefined) return
  refuse(
    node,
    'S64-Y006',
    `tag "${node.tag}" is not allowed`,
    faults,
    'values are what they look like: leave it out',
  )
}

function refuse(node: Ranged, code: Code, message: string, faults: Fault[], hint?: string): null {
  const [start, end] = node.range ?? [0, 1]
  faults.push({ code, start, end, message, ...(hint !== undefined && { hint }) })
  return null
}

function asRanged(node: unknown): Ranged {
  return isScalar(node) ? node : {}
}
