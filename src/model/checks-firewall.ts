import type { Finding } from '../config/issue.ts'
import { parsePortRange } from '../net/port.ts'
import type { Scope } from './scope.ts'

/** The schema has seen the form; what it cannot see are ports above 65535 and ranges that run backwards. */
export function checkFirewall({ config }: Scope): readonly Finding[] {
  const { toHost } = config.firewall ?? {}
  if (typeof toHost !== 'object') return []
  return toHost.flatMap((text, index): readonly Finding[] => {
    if (parsePortRange(text) !== undefined) return []
    const message = `"${text}" is not a port or range from 1 to 65535`
    return [{ code: 'S64-M021', path: ['firewall', 'toHost', index], message }]
  })
}
