import type { Problem } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import type { Paint } from '../text/paint.ts'

/**
 * Each problem as `error[S64-...]: message`, with its hint indented below; empty text when there are none. The
 * resource goes before a message that does not name it itself.
 */
export function problemsText(problems: readonly Problem[], paint: Paint): string {
  return problems.map((problem) => problemText(problem, paint)).join('')
}

function problemText(problem: Problem, paint: Paint): string {
  const head = `${paint('error', `error[${visible(problem.code)}]`)}: ${visible(singleLine(subjectAndMessage(problem)))}\n`
  return problem.hint === undefined ? head : `${head}  ${paint('faint', visible(problem.hint))}\n`
}

function subjectAndMessage(problem: Problem): string {
  if (problem.resource === undefined || problem.message.includes(problem.resource)) return problem.message
  return `${problem.resource}: ${problem.message}`
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
