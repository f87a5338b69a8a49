import { formatPath } from './path.ts'
import type { Finding } from '../config/issue.ts'
import type { Path } from './path.ts'
import type { Code } from '../config/codes.ts'

/** One use of something that only one place of the file may use. */
export interface Use {
  /** Canonical text: two uses of the same key are a fault. */
  readonly key: string
  /** What the message calls it; only made when there is a message. */
  readonly label: () => string
  readonly path: Path
  readonly at?: 'key' | 'value'
}

/** A finding at the second and each further use, which names the first. */
export function findDuplicates(uses: readonly Use[], code: Code): readonly Finding[] {
  const first = new Map<string, Use>()
  const findings: Finding[] = []
  for (const use of uses) {
    const earlier = first.get(use.key)
    if (earlier === undefined) first.set(use.key, use)
    else findings.push(duplicate(use, earlier, code))
  }
  return findings
}

function duplicate(use: Use, earlier: Use, code: Code): Finding {
  const message = `${use.label()} is already used by "${formatPath(earlier.path)}"`
  return { code, path: use.path, message, ...(use.at !== undefined && { at: use.at }) }
}
