import type { Action, PlannedChange } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import { foldChanges } from './fold.ts'
import type { Paint, Style } from '../text/paint.ts'

/** How a text report is to look. Without `width` nothing is shortened: a file has no edge. */
export interface TextStyle {
  readonly paint: Paint
  /** Columns of the terminal. */
  readonly width?: number
}

interface Row {
  readonly style: Style
  /** sign, kind, key, what changes, cause */
  readonly cells: readonly [string, string, string, string, string]
}

/** The first column, which carries the meaning without colour. */
export const SIGN: Readonly<Record<Action, string>> = { create: '+', update: '~', delete: '-' }

const SHORTEST_DETAIL = 12
const WIDEST_KEY = 72
const WIDEST_DETAIL = 100

/** One line a change, in columns, in the order given; many of one sort are folded. Held-back ones come last. */
export function changeRows(
  changes: readonly PlannedChange[],
  heldBack: readonly PlannedChange[],
  style: TextStyle,
): readonly string[] {
  const rows = [...planRows(changes, false), ...planRows(heldBack, true)]
  const widths = columnWidths(rows, style.width)
  return rows.map((row) => style.paint(row.style, formatRow(row, widths)))
}

function planRows(changes: readonly PlannedChange[], held: boolean): readonly Row[] {
  return foldChanges(changes).map((entry) => {
    if ('change' in entry) return changeRow(entry.change, held)
    const { kind, action, more } = entry.fold
    const sign = held ? '!' : SIGN[action]
    return { style: held ? 'held' : action, cells: [sign, visible(kind), `... and ${more} more`, '', ''] }
  })
}

function changeRow(change: PlannedChange, held: boolean): Row {
  const reason = visible(change.reason)
  const detail = held ? `${change.action} held back${reason === '' ? '' : `: ${reason}`}` : reason
  const sign = held ? '!' : SIGN[change.action]
  const cells = [sign, visible(change.kind), visible(change.key), detail, change.cause] as const
  return { style: held ? 'held' : change.action, cells }
}

interface Widths {
  readonly kind: number
  readonly key: number
  readonly detail: number
  /** Longest text that the detail's column may show. */
  readonly limit: number
}

/** Only what changes gives way to a narrow terminal; kind and key identify the resource and stay whole. */
function columnWidths(rows: readonly Row[], terminal: number | undefined): Widths {
  const [kind, key] = [columnWidth(rows, 1, 40), columnWidth(rows, 2, WIDEST_KEY)]
  const taken = '  + '.length + kind + 2 + key + 2 + 2 + 'config'.length
  const limit = terminal === undefined ? Infinity : Math.max(terminal - taken, SHORTEST_DETAIL)
  return { kind, key, limit, detail: Math.min(columnWidth(rows, 3, WIDEST_DETAIL), limit) }
}

/** Longest cell of a column, but not above `most`: one odd row should not push all others apart. */
function columnWidth(rows: readonly Row[], column: 1 | 2 | 3, most: number): number {
  const longest = rows.reduce((width, row) => Math.max(width, row.cells[column].length), 0)
  return Math.min(longest, most)
}

function formatRow(row: Row, widths: Widths): string {
  const [sign, kind, key, detail, cause] = row.cells
  const shown = shorten(detail, widths.limit).padEnd(widths.detail)
  return `  ${sign} ${kind.padEnd(widths.kind)}  ${key.padEnd(widths.key)}  ${shown}  ${cause}`.trimEnd()
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 3, 0))}...`
}
