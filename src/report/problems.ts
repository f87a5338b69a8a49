import type { Problem } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import type { Paint } from '../text/paint.ts'
import { placeOf, type PlacedProblem, type ProblemPlace, type Source } from './background.ts'

/**
 * Each problem as `error[S64-...]: message`, a warning likewise, with its hint indented below; empty text when there are none. The
 * resource goes before a message that does not name it itself. What has a place in the file is shown as the file's
 * own faults are, after all others.
 */
export function problemsText(problems: readonly Problem[], paint: Paint, source?: Source): string {
  const placed = source === undefined ? [] : problems.filter(hasPlace)
  const others = source === undefined ? problems : problems.filter((problem) => !hasPlace(problem))
  const text = others.map((problem) => problemText(problem, paint)).join('')
  if (source === undefined || placed.length === 0) return text
  const lines = placed.map((problem) => ({ ...problem, message: singleLine(problem.message) }))
  return `${text}${source.frames(lines, paint)}`
}

function hasPlace(problem: Problem): problem is PlacedProblem {
  return problem.path !== undefined
}

function problemText(problem: Problem, paint: Paint): string {
  const { severity = 'error' } = problem
  const head = `${paint(severity === 'warning' ? 'update' : 'error', `${severity}[${visible(problem.code)}]`)}: ${visible(singleLine(subjectAndMessage(problem)))}\n`
  return problem.hint === undefined ? head : `${head}  ${paint('faint', visible(problem.hint))}\n`
}

function subjectAndMessage(problem: Problem): string {
  if (problem.resource === undefined || problem.message.includes(problem.resource)) return problem.message
  return `${problem.resource}: ${problem.message}`
}

/** The public part of a problem: names that consumers may rely on. With a source, also its place in the file. */
export function problemJson(problem: Problem, source?: Source): Problem & Partial<ProblemPlace> {
  const { code, severity, message, hint, resource } = problem
  return {
    code,
    ...(severity !== undefined && { severity }),
    message,
    ...(hint !== undefined && { hint }),
    ...(resource !== undefined && { resource }),
    ...placeOf(problem, source),
  }
}

/** The lines joined by `; `, without the blank ones and those in which a tool marks a place (nft: `^^^^~~`). */
export function singleLine(text: string): string {
  const lines = text.split(/\r?\n/)
  if (lines.length === 1) return text
  return lines
    .filter((line) => !/^[\s^~]*$/.test(line))
    .map((line) => line.trim())
    .join('; ')
}
