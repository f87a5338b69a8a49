import type { TableName } from '../../model/identity.ts'
import { digest } from '../../net/digest.ts'
import type { CounterName, SetName } from '../nft-set/declarations.ts'

/** One chain with its rules, as they should be. `hook`: type, hook, priority, policy; empty: only jumped to. */
export interface Chain {
  readonly table: TableName
  readonly name: string
  readonly hook: string
  readonly rules: readonly Rule[]
}

/** A rule: its text, and the two marks by which it is known again. */
export interface Rule {
  readonly text: string
  /** Hash of the text; stands in the rule's comment. */
  readonly comment: string
  /** Sets, verdict and counters, sorted: what a listing must show (formats/nft-table.ts). */
  readonly outline: string
}

/** A verdict, or a jump; the outline is made from the same value as the text, so they cannot disagree. */
type Effect =
  | 'accept'
  | 'drop'
  | 'return'
  | 'masquerade'
  | `goto ${string}`
  | `jump ${string}`
  | `dnat ${string}`
  | `snat ${string}`
  | `tcp option ${string}`
  | `counter name ${string}`

/** A rule of a match, a named counter, and an effect. */
export function rule(match: string, effect: Effect, counter?: CounterName): Rule {
  const text = [match, counter && `counter name "${counter}"`, effect].filter((part) => part).join(' ')
  const references = text.match(/@[a-z0-9]+(?![a-z0-9,])/g) ?? []
  const counts = [...text.matchAll(/\bct count over (\d+)/g)].map(([, most]) => `count:over:${most}`)
  const words = [outlineWord(effect), ...(counter ? [`counter:${counter}`] : []), ...counts, ...references]
  return { text, comment: `slash64:${digest(text, 12)}`, outline: words.toSorted().join(' ') }
}

function outlineWord(effect: Effect): string {
  const [verb = '', name = ''] = effect.split(' ')
  if (verb === 'goto' || verb === 'jump') return `${verb}:${name}`
  return verb === 'tcp' ? 'mangle' : verb
}

/** How a rule refers to a set. */
export function ref(name: SetName): string {
  return `@${name}`
}
