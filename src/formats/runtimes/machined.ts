import { SystemError } from '../../system/errors.ts'
import { foundBy, UNKNOWN_TO_IT } from './types.ts'
import type { Found } from './types.ts'

/**
 * Reads `machinectl show NAME -p Name -p Leader -p State`: those are registered that run, or are about to end. Of others it
 * complains on standard error (systemd 252). Throws where it says neither.
 */
export function parseMachine(text: string, name: string): Found {
  const fields = fieldsOf(text)
  if (fields.get('Name') === name) return foundIn(fields)
  const lines = text.split('\n').map((line) => line.trim())
  if (lines.some((line) => line.endsWith(`No machine '${name}' known`)))
    return { state: 'absent', why: UNKNOWN_TO_IT }
  const subject = `machinectl show ${name}`
  const complaint = lines.find((line) => line.includes(' '))
  if (complaint !== undefined) throw new SystemError({ code: 'other', subject, detail: complaint })
  const detail = `not what it prints: ${JSON.stringify(text.trim().slice(0, 120))}`
  throw new SystemError({ code: 'garbled', subject, detail })
}

/** The leader of one that is `closing` may have ended. */
function foundIn(fields: ReadonlyMap<string, string>): Found {
  const state = fields.get('State') ?? ''
  return state === 'closing' ? { state: 'absent', why: state } : foundBy(Number(fields.get('Leader')), state)
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
    }),
  )
}
