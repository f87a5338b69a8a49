import { problemOfError } from '../engine/problems.ts'
import type { Problem, Replies } from '../engine/types.ts'
import { insideContainers } from '../kinds/shared/inside.ts'
import type { Container } from '../model/types.ts'
import type { World } from '../model/world.ts'
import { locate } from '../runtimes/locate.ts'
import type { SystemError } from '../system/errors.ts'
import { sharing } from './sharing.ts'

/** Containers of which the runtime says nothing that helps. */
export function lookupProblems({ model, places }: World, replies: Replies): readonly Problem[] {
  const failed: Failed[] = []
  const shared = insideContainers(model).flatMap((container) => {
    const other = sharing(container, model, replies, places)
    if (other !== undefined) return [sharedProblem(container, other)]
    const place = locate(container, model, replies)
    if (place?.state === 'unknown') failed.push({ container, error: place.error })
    return []
  })
  return [...shared, ...alike(failed).map(failedProblem)]
}

interface Failed {
  readonly container: Container
  readonly error: SystemError
}

/** What keeps a runtime from telling of one mostly keeps it from telling of any: that is one condition, told once. */
function alike(failed: readonly Failed[]): readonly (readonly Failed[])[] {
  const groups = new Map<string, Failed[]>()
  for (const one of failed) {
    const { code, detail, evidence } = one.error
    // What was seen of a program that hung is another process each time.
    const key = `${one.container.runtime.type} ${code} ${evidence === undefined ? detail : ''}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
}

function failedProblem(group: readonly Failed[]): Problem {
  const [first] = group
  if (first === undefined) throw new Error('an empty group')
  const names = group.map(({ container }) => container.name)
  const { code, message, hint } = problemOfError(first.error, 'observe')
  const told = message.replace('; the state of the host is unknown', '')
  return { code, message: `${namesText(names)}: ${told}`, ...(hint !== undefined && { hint }) }
}

function namesText([first = '', ...rest]: readonly string[]): string {
  if (rest.length === 0) return `container ${first}`
  if (rest.length < 5) return `containers ${[first, ...rest].join(', ')}`
  return `container ${first} and ${rest.length} more`
}

function sharedProblem({ name }: Container, shared: string): Problem {
  return {
    code: 'S64-F006',
    message: `container ${name} shares the network of ${shared}: it cannot have addresses of its own`,
    hint: 'start it with a network of its own (Podman, Docker: --network none; LXC: lxc.net.0.type = empty); or take it out of network.yaml, or write runtime: none',
  }
}
