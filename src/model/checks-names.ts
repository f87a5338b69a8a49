import type { Finding } from '../config/issue.ts'
import type { Path } from './path.ts'
import { didYouMean } from '../text/suggest.ts'
import type { Scope } from './scope.ts'

/** A fault when there is no container of that name. */
export function checkContainerName(name: string, { containers }: Scope, path: Path): readonly Finding[] {
  if (containers.has(name)) return []
  const known = [...containers.keys()]
  const shown = known.length > 10 ? [...known.slice(0, 10), '...'] : known
  const note = known.length === 0 ? 'there are no containers' : `known containers: ${shown.join(', ')}`
  return [
    { code: 'S64-M018', path, message: `unknown container "${name}"`, note, ...didYouMean(name, known) },
  ]
}
