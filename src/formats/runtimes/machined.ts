import { SystemError } from '../../system/errors.ts'
import { foundBy, UNKNOWN_TO_IT } from './types.ts'
import type { Found } from './types.ts'

/**
 * Reads `machinectl show NAME... -p Name -p Leader -p State`: a block of lines for each that is registered, which are those
 * that run (systemd 252); of the others it complains on standard error. Throws `garbled` when it is not that.
 */
export function parseMachines(text: string): Machines {
  const blocks = text.split(/\n\s*\n/).map(fieldsOf)
  const machines = blocks.flatMap((fields): [string, Found][] => {
    const name = fields.get('Name')
    const pid = Number(fields.get('Leader') ?? 0)
    return name === undefined ? [] : [[name, foundBy(pid, fields.get('State') ?? 'registered')]]
  })
  const said = text.split('\n').filter((line) => line.trim() !== '' && !/^[A-Z]\w*=/.test(line))
  if (machines.length > 0 || said.some((line) => line.includes(' ')))
    return { machines: new Map(machines), said }
  const detail = `not what it prints: ${JSON.stringify(text.trim().slice(0, 120))}`
  throw new SystemError({ code: 'garbled', subject: 'machinectl show', detail })
}

/** What was told: of those that run, and in words. */
export interface Machines {
  readonly machines: ReadonlyMap<string, Found>
  readonly said: readonly string[]
}

/** What was told of one; a name of which nothing speaks was not answered, and is unknown. */
export function machineOf({ machines, said }: Machines, name: string): Found {
  const found = machines.get(name)
  if (found !== undefined) return found
  if (said.some((line) => line.includes(`'${name}'`) && /No machine|not known/i.test(line)))
    return { state: 'absent', why: UNKNOWN_TO_IT }
  const [detail = `says nothing of ${name}`] = said
  const error = new SystemError({ code: 'other', subject: `machinectl show ${name}`, detail: detail.trim() })
  return { state: 'unknown', error }
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
  return new Map(
    block.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
    }),
  )
}
