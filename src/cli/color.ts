export const COLOR_CHOICES = ['auto', 'always', 'never'] as const
export type ColorChoice = (typeof COLOR_CHOICES)[number]

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether one stream gets colour. The option wins; then FORCE_COLOR, NO_COLOR (any text but the empty one,
 * no-color.org) and TERM=dumb in the order that Node itself follows; then whether the stream is a terminal.
 */
export function wantsColor(choice: ColorChoice, environment: Environment, isTerminal: boolean): boolean {
  if (choice !== 'auto') return choice === 'always'
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = environment
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no !== undefined && no !== '') return false
  return isTerminal && term !== 'dumb'
}
