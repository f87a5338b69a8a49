import { isCollection, isMap, isNode, isScalar, isSeq } from 'yaml'
import type { Node, YAMLMap } from 'yaml'
import type { Path } from '../model/path.ts'
import type { Finding, Place, Span } from './issue.ts'

/** Line, column, and a length that ends with the line. */
export type Positioner = (span: Span) => Place

/** Finds lines by bisection in a table that is built once. */
export function positioner(text: string): Positioner {
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  return ({ start, end }) => {
    const offset = Math.max(0, Math.min(start, text.length))
    const line = lineOf(starts, offset)
    const lineStart = starts[line] ?? 0
    const lineText = text.slice(lineStart, starts[line + 1] ?? text.length).trimEnd()
    const length = Math.max(1, Math.min(end, lineStart + lineText.length) - offset)
    return { line: line + 1, column: offset - lineStart + 1, length }
  }
}

/** Index of the last start that is not beyond the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** Looks paths up in the nodes: the text that each is about, its value unless said. */
export type Locator = (path: Path, at?: Finding['at']) => Span

/** A mapping, a list or nothing at all is marked at its key; the root, or what is not there, at the nearest parent. */
export function locator(root: Node | null): Locator {
  const step = stepper()
  return (path, at) => {
    let [key, value]: readonly [unknown, unknown] = [undefined, root]
    for (const part of path) {
      const next = step(value, part)
      if (next === undefined) break
      ;({ key, value } = next)
    }
    const isMarkedAtKey = key !== undefined && (at === 'key' || !isVisibleScalar(value))
    const [start, end] = rangeOf(isMarkedAtKey ? key : value) ?? [0, 1]
    return { start, end: path.length === 0 ? start + 1 : end }
  }
}

type Entry = { readonly key: unknown; readonly value: unknown }

/** One step down. Remembers the keys of each mapping: a thousand findings in a thousand keys would be a million looks. */
function stepper() {
  const known = new Map<YAMLMap, ReadonlyMap<string, Entry>>()
  const entriesOf = (node: YAMLMap): ReadonlyMap<string, Entry> => {
    const entries = known.get(node) ?? indexKeys(node)
    known.set(node, entries)
    return entries
  }
  return (node: unknown, part: string | number): Entry | undefined => {
    if (isMap(node)) return entriesOf(node).get(String(part))
    const value: unknown = isSeq(node) ? node.items[Number(part)] : undefined
    return value === undefined ? undefined : { key: undefined, value }
  }
}

function indexKeys(node: YAMLMap): ReadonlyMap<string, Entry> {
  // Reversed, so that of duplicate keys the first one stays, whose value is the one that was read.
  return new Map(
    node.items.toReversed().map((entry) => [isScalar(entry.key) ? String(entry.key.value) : '', entry]),
  )
}

function isVisibleScalar(node: unknown): boolean {
  return (
    isNode(node) &&
    !isCollection(node) &&
    node.range !== null &&
    node.range !== undefined &&
    node.range[0] < node.range[1]
  )
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  if (!isNode(node) || !node.range) return undefined
  return [node.range[0], node.range[1]]
}
