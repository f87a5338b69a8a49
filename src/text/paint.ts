/** What a piece of text is, not how it looks: `create`, `update`, `delete` and `held` are the plan's signs. */
export type Style = 'create' | 'update' | 'delete' | 'held' | 'error' | 'good' | 'faint' | 'bold'

/** Decorates text for one stream; must not change its visible characters. */
export type Paint = (style: Style, text: string) => string

/** ECMA-48 SGR: the code that begins the style, and the one that ends it. */
const SGR: Readonly<Record<Style, readonly [number, number]>> = {
  create: [32, 39],
  update: [33, 39],
  delete: [31, 39],
  held: [35, 39],
  error: [31, 39],
  good: [32, 39],
  faint: [2, 22],
  bold: [1, 22],
}

/** Leaves the text as it is. */
export function plain(_style: Style, text: string): string {
  return text
}

/** Colours the text for a terminal. */
export function ansi(style: Style, text: string): string {
  const [begin, end] = SGR[style]
  return text === '' ? '' : `\u001b[${begin}m${text}\u001b[${end}m`
}
