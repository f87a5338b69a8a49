import type { Link } from '../../formats/ip-links.ts'
import { ALIAS_PREFIX, MARK_TEXT } from '../../model/identity.ts'

/** Ours by its alias; or, when the alias was taken away, by the group together with the name that we would give. */
export function isOurs(link: Link, ourNames: ReadonlySet<string>): boolean {
  if (link.alias.startsWith(ALIAS_PREFIX)) return true
  return link.group === MARK_TEXT && ourNames.has(link.name)
}
