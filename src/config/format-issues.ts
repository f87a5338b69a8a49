import type { Paint } from '../text/paint.ts'
import { visible } from '../text/escape.ts'
import type { Issue, PlacedFault } from './issue.ts'
import { withoutBom } from './load.ts'

const MAX_ISSUES = 20

/** Characters of a line that are shown, and how many of them before the mark. */
const MAX_WIDTH = 100
const BEFORE_MARK = 40

/** An issue as `-o json` shows it. */
export interface IssueJson extends Issue {
  readonly file: string
}

/**
 * The issues as people read them: place, code, message, the line and the one before it, a mark and the way out. In
 * order of place, at most 20; text of the file is escaped, so that it can neither paint the terminal nor reorder.
 */
export function formatIssues(
  issues: readonly PlacedFault[],
  text: string,
  file: string,
  paint: Paint = (_style, plain) => plain,
): string {
  const lines = withoutBom(text).split(/\r?\n/)
  const sorted = sortIssues(issues)
  const blocks = sorted.slice(0, MAX_ISSUES).map((issue) => formatIssue(issue, lines, file, paint))
  const more = sorted.length - blocks.length
  return [...blocks, ...(more > 0 ? [`... and ${more} more`] : [])].map((block) => `${block}\n`).join('')
}

/** The issues as data, in order of place. */
export function issuesToJson(issues: readonly Issue[], file: string): readonly IssueJson[] {
  return sortIssues(issues).map((issue) => ({ ...issue, file }))
}

function sortIssues<One extends PlacedFault>(issues: readonly One[]): readonly One[] {
  return issues.toSorted((one, other) => one.line - other.line || one.column - other.column)
}

function formatIssue(issue: PlacedFault, lines: readonly string[], file: string, paint: Paint): string {
  const { code, line, column } = issue
  const label = paint('error', `error[${code}]:`)
  const head = `${visible(file)}:${line}:${column}: ${label} ${paint('bold', visible(shorten(issue.message)))}`
  const note = issue.note === undefined ? [] : [`   = ${visible(issue.note)}`]
  return [head, ...frame(issue, lines, paint), ...note].join('\n')
}

function frame(issue: PlacedFault, lines: readonly string[], paint: Paint): readonly string[] {
  const { line, column, length } = issue
  const shown = lines[line - 1] ?? ''
  const width = String(line).length
  const gutter = (label: number | '') => paint('faint', `   ${String(label).padStart(width)} |`)
  const before = lines[line - 2]
  const { start, text } = cut(shown, column)
  const indent = visible(shown.slice(start, column - 1)).length + (start > 0 ? 3 : 0)
  const marked = visible(shown.slice(column - 1, Math.min(column - 1 + length, start + MAX_WIDTH))).length
  const hint = issue.hint === undefined ? '' : ` ${visible(issue.hint)}`
  const mark = paint('error', `${'^'.repeat(Math.max(1, marked))}${hint}`)
  return [
    ...(before === undefined ? [] : [`${gutter(line - 1)} ${cut(before, 1).text}`.trimEnd()]),
    `${gutter(line)} ${text}`.trimEnd(),
    `${gutter('')} ${' '.repeat(indent)}${mark}`,
  ]
}

/** The part of a line around a column, escaped; `start` is where it begins. */
function cut(line: string, column: number): { readonly start: number; readonly text: string } {
  const start = line.length <= MAX_WIDTH ? 0 : Math.max(0, column - 1 - BEFORE_MARK)
  const end = start + MAX_WIDTH
  const text = `${start > 0 ? '...' : ''}${visible(line.slice(start, end))}${end < line.length ? '...' : ''}`
  return { start, text }
}

/** Messages quote the file, which may hold a megabyte in one value. */
function shorten(message: string): string {
  return message.length <= 300 ? message : `${message.slice(0, 300)}...`
}
