/** One line of a configuration: its words, without quotes and comment. */
export interface ConfigLine {
  /** `FILE:LINE` */
  readonly place: string
  readonly directory: string
  readonly words: readonly string[]
}

/** Splits a configuration into lines of words; empty ones are left out. Quotes and backslashes as in haproxy. */
export function linesOf(path: string, text: string): ConfigLine[] {
  const directory = path.slice(0, path.lastIndexOf('/'))
  return text
    .split('\n')
    .map((line, index) => ({ place: `${path}:${index + 1}`, directory, words: wordsOf(line) }))
    .filter(({ words }) => words.length > 0)
}

/** What is wrong with the text before its words are looked at: an open quote, a last line without its end. */
export function formFaults(path: string, text: string): string[] {
  const lines = text.split('\n')
  const open = lines.flatMap((line, index) => {
    const rest = line.replaceAll(PIECE, (piece, ...groups) =>
      groups[3] === undefined ? ' '.repeat(piece.length) : '',
    )
    const at = rest.search(/["']/)
    return at < 0 ? [] : [`parsing [${path}:${index + 1}]: unmatched quote at position ${at + 1}:`]
  })
  const last = lines.at(-1) ?? ''
  if (last === '') return open
  const why = `Missing LF on last line, file might have been truncated at position ${last.length + 1}.`
  return [...open, `parsing [${path}:${lines.length}]: ${why}`]
}

const PIECE = /\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'|(#.*)|(\s+)|([^\s\\"'#]+)/gs

/** The words of one line; neighbouring pieces, quoted or not, are one word. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  let open = false
  for (const [, escaped, double, single, comment, space, plain] of line.matchAll(PIECE)) {
    if (comment !== undefined) break
    if (space !== undefined) {
      open = false
      continue
    }
    const text = escaped ?? double?.replaceAll(/\\(["\\#])/g, '$1') ?? single ?? plain ?? ''
    if (open) words.push(`${words.pop() ?? ''}${text}`)
    else words.push(text)
    open = true
  }
  return words
}

/** `ADDRESS:PORT`, an IPv6 address with or without brackets; undefined for anything else. */
export function endpointOf(text: string): { readonly address: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9a-f:.]+|\*)):(\d{1,5})$/i.exec(text)
  const address = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return address === undefined || port < 1 || port > 65_535 ? undefined : { address, port }
}

/** The lines of a map file: key, spaces, value. */
export function mapLines(text: string): { readonly key: string; readonly value: string }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*([^\s#]\S*)\s*(.*?)\s*$/.exec(line)
    return match === null ? [] : [{ key: match[1] ?? '', value: match[2] ?? '' }]
  })
}
