import type { Progress } from '../engine/apply.ts'
import type { NftStep, Step } from '../engine/types.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** The order inside one transaction: nothing is deleted that a rule still refers to, nothing used before it is there. */
const RANKS = ['table', 'flush', 'remove', 'delete', 'declare', 'add', 'rule', 'drop'] as const

/** All steps as one `nft -f FILE`: the kernel takes the whole of it or nothing. */
export async function nftDriver(steps: readonly Step[], system: System): Promise<Progress> {
  const script = renderTransaction(steps.filter((step) => step.tool === 'nft'))
  try {
    await system.run(['nft', '-f'], script)
    return { done: steps.length }
  } catch (error) {
    if (error instanceof SystemError) return { done: 0, error: told(error) }
    throw error
  }
}

/** Without the script's name, which is another one each time: the same failure has the same words. */
function told({ code, subject, detail, exitCode }: SystemError): SystemError {
  const [, command = subject, file = ''] = /^(.*\bnft -f) (.+)$/.exec(subject) ?? []
  const words = file === '' ? detail : detail.replaceAll(`${file}:`, 'line ').replaceAll(file, 'the script')
  return new SystemError({
    code,
    subject: command,
    detail: words,
    ...(exitCode === undefined ? {} : { exitCode }),
  })
}

/** The transaction's text, one statement a line; elements of one set share a statement (half the time of one each). */
export function renderTransaction(steps: readonly NftStep[]): string {
  const lines = RANKS.flatMap((rank) => {
    const ranked = steps.filter((step) => step.rank === rank)
    const statements = ranked.flatMap((step) => ('statement' in step ? [step.statement] : []))
    // Two identical rules of one chain are two rules; anything else said twice is said once.
    const distinct = rank === 'rule' ? statements : [...new Set(statements)]
    return [...distinct, ...elementStatements(ranked)]
  })
  return `${lines.join('\n')}\n`
}

function elementStatements(steps: readonly NftStep[]): readonly string[] {
  const bySet = new Map<string, string[]>()
  for (const step of steps) {
    if (!('set' in step)) continue
    const verb = step.rank === 'add' ? 'add' : 'delete'
    const head = `${verb} element ${step.set}`
    const elements = bySet.get(head)
    if (elements) elements.push(step.element)
    else bySet.set(head, [step.element])
  }
  return [...bySet].map(([head, elements]) => `${head} { ${elements.join(', ')} }`)
}
