import type { Plan, PlannedChange, Problem } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import { placeOf, type Background, type Source } from './background.ts'
import { addressesText, DNS_HEADING, touchedDns, type DnsJson } from './dns.ts'
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

/**
 * The plan as a comment for a pull request: summary first, then errors, what is held back, each kind folded, and the
 * DNS that the names of changed routes should have.
 */
export function planMarkdown(
  plan: Plan,
  file: string,
  { source, routes }: Background = {},
  errors: readonly Problem[] = plan.problems,
): string {
  const head = `${summaryLine(plan, file)}\n${MARKER}\n`
  const dns = plan.known ? dnsSection(touchedDns(plan, routes)) : []
  const problems = problemSection(errors, source)
  return joinWithin(head, [...problems, ...heldSection(plan), ...kindSections(plan), ...dns])
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

function problemSection(problems: readonly Problem[], source: Source | undefined): readonly Section[] {
  if (problems.length === 0) return []
  const lines = problems.map((problem) => {
    const hint = problem.hint === undefined ? '' : ` (${escapeMarkdown(problem.hint)})`
    const place = placeOf(problem, source)
    const where = place && escapeMarkdown(`${place.file}:${place.line}:${place.column}`)
    const head = `${where === undefined ? '' : `<code>${where}</code> `}**${escapeMarkdown(problem.code)}**`
    return `- ${head}: ${escapeMarkdown(singleLine(problem.message))}${hint}\n`
  })
  return [{ open: `\n**${plural(problems.length, 'error')}**\n\n`, lines, close: '' }]
}

function dnsSection(records: readonly DnsJson[]): readonly Section[] {
  if (records.length === 0) return []
  const lines = records.map(({ host, a, aaaa, ipv6 }) => {
    const cells = [host, addressesText(a), `${addressesText(aaaa)} (${ipv6})`].map(escapeMarkdown)
    return `| ${cells.join(' | ')} |\n`
  })
  return [{ open: `\n**${DNS_HEADING}**\n\n| name | A | AAAA |\n|---|---|---|\n`, lines, close: '' }]
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
