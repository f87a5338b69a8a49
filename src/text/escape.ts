/** Control, format (bidi, zero width) and separator characters, lone surrogates: what could repaint a terminal or lie. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** The text on one line, with everything that is not plainly visible written as `\x1b`, `\u202e` or `\u{e0001}`. */
export function visible(text: string): string {
  return text.replaceAll(UNSAFE, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x0a) return '\\n'
  if (code === 0x09) return '\\t'
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16)}` : `\\u{${code.toString(16)}}`
}

/**
 * One JSON document, indented, with a final newline. Strings keep their value: unsafe characters become JSON's own
 * `\uXXXX`. Maps become objects, sets arrays, bigints decimal strings, `undefined` members are left out (RFC 8259).
 */
export function jsonText(document: unknown): string {
  const text = JSON.stringify(document, plainValue, 2)
  return `${text.replaceAll(UNSAFE, (character) => (character === '\n' ? character : escapeUnits(character)))}\n`
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  return value
}

/** JSON knows no code points above U+FFFF, only pairs of UTF-16 units. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
