/** Keys and list positions from the root of the file: `['nat', 'forwards', 0, 'to']`. */
export type Path = readonly (string | number)[]

/** The path as people write it: `nat.forwards[0].to`. */
export function formatPath(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text.startsWith('.') ? text.slice(1) : text
}
