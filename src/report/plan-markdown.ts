import type { Plan, PlannedChange, Problem } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import { foldChanges } from './fold.ts'
import { isInSync } from './pass.ts'
import { singleLine } from './problems.ts'
import { SIGN } from './rows.ts'
import { countsText, plural, restText, summarise } from './summary.ts'

/** By this comment a robot finds its own earlier comment again. */
export const MARKER = '<!-- slash64:plan -->'

/** A comment on GitHub holds 65,536 characters; what others add around ours needs room too. */
export const MARKDOWN_LIMIT = 60_000

const LONGEST_CELL = 300
const ROOM_FOR_NOTE = 200

/** The plan as a comment for a pull request: summary first, then what is held back, errors, and each kind folded. */
export function planMarkdown(plan: Plan, file: string, errors: readonly Problem[] = plan.problems): string {
  const head = `${summaryLine(plan, file)}\n${MARKER}\n`
  return joinWithin(head, [...problemSection(errors), ...heldSection(plan), ...kindSections(plan)])
}

function summaryLine(plan: Plan, file: string): string {
  if (!plan.known) return '**Plan: unknown**, because the host could not be read whole; nothing is planned.'
  const summary = summarise(plan)
  if (isInSync(plan))
    return `**No changes**: the host is what ${escapeMarkdown(file)} says (${restText(summary)}).`
  return `**Plan: ${countsText(summary)}.** (${restText(summary)})`
}

interface Section {
  readonly open: string
  readonly lines: readonly string[]
  readonly close: string
}

function problemSection(problems: readonly Problem[]): readonly Section[] {
  if (problems.length === 0) return []
  const lines = problems.map((problem) => {
    const hint = problem.hint === undefined ? '' : ` (${escapeMarkdown(problem.hint)})`
    return `- **${escapeMarkdown(problem.code)}**: ${escapeMarkdown(singleLine(problem.message))}${hint}\n`
  })
  return [{ open: `\n**${plural(problems.length, 'error')}**\n\n`, lines, close: '' }]
}

function heldSection(plan: Plan): readonly Section[] {
  if (plan.heldBack.length === 0) return []
  return [detailsSection(`Held back: ${plan.heldBack.length}`, plan.heldBack, '!')]
}

function kindSections(plan: Plan): readonly Section[] {
  return [...groupByKind(plan.changes)].map(([kind, changes]) => {
    const counts = countsText(summarise({ ...plan, changes, heldBack: [] }))
    return detailsSection(`${escapeMarkdown(kind)}: ${counts}`, changes, undefined)
  })
}

function groupByKind(changes: readonly PlannedChange[]): ReadonlyMap<string, readonly PlannedChange[]> {
  const groups = new Map<string, PlannedChange[]>()
  for (const change of changes) {
    const group = groups.get(change.kind)
    if (group === undefined) groups.set(change.kind, [change])
    else group.push(change)
  }
  return groups
}

function detailsSection(title: string, changes: readonly PlannedChange[], sign: string | undefined): Section {
  const open = `\n<details><summary>${title}</summary>\n\n| | resource | change | cause |\n|---|---|---|---|\n`
  const lines = foldChanges(changes).map((entry) =>
    'change' in entry ? tableRow(entry.change, sign) : `| | ... and ${entry.fold.more} more | | |\n`,
  )
  return { open, lines, close: '\n</details>\n' }
}

function tableRow(change: PlannedChange, sign: string | undefined): string {
  const key = escapeMarkdown(sign === undefined ? change.key : `${change.kind} ${change.key}`)
  const mark = escapeMarkdown(sign ?? SIGN[change.action])
  const reason = escapeMarkdown(change.reason)
  return `| <code>${mark}</code> | <code>${key}</code> | ${reason} | ${change.cause} |\n`
}

/** Whole sections and lines as long as they fit; the rest is counted in a last line, never cut in the middle. */
function joinWithin(head: string, sections: readonly Section[]): string {
  let text = head
  let omitted = 0
  for (const { open, lines, close } of sections) {
    const room = MARKDOWN_LIMIT - ROOM_FOR_NOTE - text.length - open.length - close.length
    const fitting = countFitting(lines, room)
    omitted += lines.length - fitting
    if (fitting > 0) text += `${open}${lines.slice(0, fitting).join('')}${close}`
  }
  return omitted === 0
    ? text
    : `${text}\n... and ${plural(omitted, 'more line')}: see the output of the job.\n`
}

function countFitting(lines: readonly string[], room: number): number {
  let used = 0
  const firstOver = lines.findIndex((line) => (used += line.length) > room)
  return firstOver === -1 ? lines.length : firstOver
}

/**
 * Text that Markdown shows as it is: neither table, code, HTML, link, mention nor emphasis. Entities and not
 * backslashes, because those do not hold inside of code and of tables at once (GFM 6.4, 4.10).
 */
export function escapeMarkdown(text: string): string {
  const shown = text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}...` : text
  return visible(shown)
    .replaceAll(/[&<>"'`|*_[\]()~#@\\!$]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/:(?=\/\/)/g, '&#58;')
    .replaceAll(/(?<=www)\./gi, '&#46;')
}
