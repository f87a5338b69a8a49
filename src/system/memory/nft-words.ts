import { ToolFailure } from './fail.ts'

/** One token of nft text. Quoted strings keep their mark, since an interface named `accept` is no verdict. */
export interface Token {
  readonly text: string
  readonly quoted: boolean
}

export interface Tokens {
  peek(ahead?: number): string | undefined
  peekToken(): Token | undefined
  next(): Token
  accept(...words: readonly string[]): boolean
  expect(word: string): void
}

/** An nft error as the tool words it, exit 1: `Error: WHY`, then the statement. */
export function nftError(why: string): ToolFailure {
  return new ToolFailure(`Error: ${why}`, 1, true)
}

/** The kernel refused: `Could not process rule: ERRNO`. */
export function nftKernelError(errno: string): ToolFailure {
  return nftError(`Could not process rule: ${errno}`)
}

export function syntaxError(unexpected: string | undefined): ToolFailure {
  return nftError(`syntax error, unexpected ${unexpected ?? 'end of file'}`)
}

const NAME = /^[a-zA-Z][a-zA-Z0-9/_.-]*$/
// Words that nft's scanner reserves: as a name they are syntax errors (measured on 1.0.6).
const RESERVED = new Set([
  'set',
  'map',
  'table',
  'chain',
  'rule',
  'element',
  'fwd',
  'counter',
  'accept',
  'drop',
  'ip',
  'ip6',
])

/** An identifier of at most 255 characters. */
export function nameOf(token: Token): string {
  if (token.quoted || !NAME.test(token.text) || RESERVED.has(token.text) || token.text.length > 255) {
    throw syntaxError(token.text)
  }
  return token.text
}

/** Splits nft text into statements with the line each starts in: at newlines and `;` outside of braces. */
export function statementsOf(script: string): { line: number; tokens: Token[] }[] {
  const statements: { line: number; tokens: Token[] }[] = []
  let current: Token[] = []
  let depth = 0
  let line = 1
  let start = 1
  const flush = (): void => {
    if (current.length > 0) statements.push({ line: start, tokens: current })
    current = []
  }
  for (const token of scan(script)) {
    const ends = depth === 0 && !token.quoted && (token.text === '\n' || token.text === ';')
    if (!token.quoted && token.text === '\n') line += 1
    if (ends) flush()
    else if (token.quoted || token.text !== '\n') {
      if (current.length === 0) start = line
      current.push(token)
      if (!token.quoted) depth += token.text === '{' ? 1 : token.text === '}' ? -1 : 0
    }
  }
  if (depth > 0) throw syntaxError('end of file')
  flush()
  return statements
}

function* scan(script: string): Generator<Token> {
  const pattern = /(#[^\n]*)|"([^"\n]*)"|(\n)|([{};,])|(!=|==)|([^\s{};,"#]+)|(")/g
  for (const [, comment, quoted, newline, punctuation, operator, word, stray] of script.matchAll(pattern)) {
    if (comment !== undefined) continue
    if (stray !== undefined) throw syntaxError('"')
    if (quoted !== undefined) yield { text: quoted, quoted: true }
    else yield { text: newline ?? punctuation ?? operator ?? word ?? '', quoted: false }
  }
}

export function tokensOf(list: readonly Token[]): Tokens {
  let at = 0
  const plain = (index: number): string | undefined => {
    const token = list[index]
    return token === undefined || token.quoted ? undefined : token.text
  }
  const next = (): Token => {
    const token = list[at++]
    if (token === undefined) throw syntaxError(undefined)
    return token
  }
  const accept = (...words: readonly string[]): boolean => {
    const word = plain(at)
    if (word === undefined || !words.includes(word)) return false
    at += 1
    return true
  }
  const expect = (word: string): void => {
    if (!accept(word)) throw syntaxError(list[at]?.text)
  }
  return { peek: (ahead = 0) => plain(at + ahead), peekToken: () => list[at], next, accept, expect }
}

/** The end of the statement; anything that is left over is a syntax error. */
export function endOf(tokens: Tokens): void {
  const left = tokens.peekToken()
  if (left !== undefined) throw syntaxError(left.text)
}
