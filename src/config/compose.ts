import { Composer, Lexer, Parser } from 'yaml'
import type { Document } from 'yaml'
import type { Fault } from './issue.ts'
import { emptyFile } from './text-faults.ts'

/**
 * The format needs 6 levels. The library recurses: a text of a thousand brackets overflows the stack, one of a
 * million brackets ends the process (measured, yaml 2.9.1).
 */
const MAX_DEPTH = 40

/** More faults than this are not looked for: each costs memory, and a text of quotes has half a million. */
const MAX_FAULTS = 100

/** Ends reading early; what was found until then stands. */
class StopReading extends Error {
  override readonly name = 'StopReading'
}

export type Composed =
  | { readonly ok: true; readonly document: Document.Parsed }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Parses one YAML 1.2 document (core schema, string keys) into nodes; time and memory are linear in the text. */
export function compose(text: string): Composed {
  const faults: Fault[] = []
  const documents: Document.Parsed[] = []
  try {
    readDocuments(text, documents, faults)
  } catch (error) {
    if (!(error instanceof StopReading)) throw error
  }
  const [document] = documents
  if (faults.length > 0) return { ok: false, faults }
  if (document?.contents === null || document === undefined) return { ok: false, faults: [emptyFile()] }
  return { ok: true, document }
}

function readDocuments(text: string, documents: Document.Parsed[], faults: Fault[]): void {
  const composer = listeningComposer(faults)
  for (const token of tokens(text, faults)) {
    if (token.type === 'directive') report(directiveFault(token.offset, token.source), faults)
    else if (token.type === 'error') report(syntaxFault(token, token.message), faults)
    else for (const document of composer.next(token)) addDocument(document, documents, faults)
  }
  for (const document of composer.end()) addDocument(document, documents, faults)
}

function addDocument(document: Document.Parsed, documents: Document.Parsed[], faults: Fault[]): void {
  for (const error of document.errors) report(syntaxFault(error.pos, error.message, error.code), faults)
  documents.push(document)
  if (documents.length === 1) return
  const [start] = document.range
  faults.push({ code: 'S64-Y004', start, end: start + 1, message: 'a second YAML document begins here' })
  throw new StopReading()
}

function report(fault: Fault, faults: Fault[]): void {
  faults.push(fault)
  if (faults.length >= MAX_FAULTS) throw new StopReading()
}

/** Drives the parser by hand, because only its stack tells the depth before the recursion begins. */
function* tokens(text: string, faults: Fault[]) {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme)
    if (parser.stack.length <= MAX_DEPTH) continue
    const start = Math.min(parser.offset, text.length - 1)
    const message = `nested deeper than ${MAX_DEPTH} levels`
    faults.push({ code: 'S64-Y012', start, end: start + 1, message })
    throw new StopReading()
  }
  yield* parser.end()
}

/** Keys are checked for uniqueness by `toPlain`: the library compares each with each, 38 s for 50,000. */
function listeningComposer(faults: Fault[]): Composer {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false,
    strict: true,
    logLevel: 'silent',
  })
  // Not public, but the only way to stop early: by itself it makes an Error with a stack for each of a million faults.
  composer['onError'] = (source: ErrorSource, code: string, message: string, warning?: boolean) => {
    if (warning !== true) report(syntaxFault(source, message, code), faults)
  }
  return composer
}

function syntaxFault(source: ErrorSource, message: string, code = ''): Fault {
  const [start, end] = span(source)
  return { code: 'S64-Y001', start, end, message: wording(message), ...hintFor(code) }
}

type ErrorSource =
  | number
  | readonly [number, number]
  | readonly [number, number, number]
  | { readonly offset: number; readonly source?: string }

function span(source: ErrorSource): readonly [number, number] {
  if (typeof source === 'number') return [source, source + 1]
  if ('offset' in source) return [source.offset, source.offset + (source.source?.length ?? 1)]
  return [source[0], source[1]]
}

function directiveFault(start: number, source: string): Fault {
  const message = 'YAML directives are not allowed'
  return {
    code: 'S64-Y011',
    start,
    end: start + source.length,
    message,
    hint: 'the file is read as YAML 1.2',
  }
}

/** The library's words, in the style of our own messages. */
function wording(message: string): string {
  return message.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replace(/"quote$/, '"')
}

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'check that brackets are closed and that lines of one mapping begin in the same column',
  MISSING_CHAR: 'check that quotes and brackets are closed',
  MULTILINE_IMPLICIT_KEY: 'is a colon missing?',
  BLOCK_AS_IMPLICIT_KEY: 'is the indentation right? Text with ": " needs quotes',
}

function hintFor(code: string): { readonly hint?: string } {
  const hint = HINTS[code]
  return hint === undefined ? {} : { hint }
}
