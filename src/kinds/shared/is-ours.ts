import type { Link } from '../../formats/ip-links.ts'
import { macOf } from '../../net/mac.ts'
import { ALIAS_PREFIX, MARK_TEXT } from '../../model/identity.ts'

/**
 * Ours by its alias; or, when the alias was taken away (or a killed run never gave it), by the group together with
 * what only we would give: the name, or a bridge's MAC that is derived from it. `teardown` knows no names.
 */
export function isOurs(link: Link, ourNames: ReadonlySet<string>): boolean {
  if (link.alias.startsWith(ALIAS_PREFIX)) return true
  if (link.group !== MARK_TEXT) return false
  if (link.type === 'veth') return link.name.startsWith('s64-')
  return ourNames.has(link.name) || link.mac === macOf(`bridge ${link.name}`)
}
