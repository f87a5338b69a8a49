import { nftError, nftKernelError, syntaxError } from './nft-words.ts'
import { TYPE_BITS } from './nft-elements.ts'
import type { BaseChain } from './nft-state.ts'
import type { Tokens } from './nft-words.ts'

export interface SetBody {
  readonly key: readonly string[]
  readonly value: readonly string[] | undefined
  readonly flags: readonly string[]
  readonly comment: string | undefined
}

/** Reads `{ type T [. T]... [: T]; | typeof EXPRESSION...; flags F; comment "C"; }`; the elements of a set come by `add element`. */
export function readSetBody(tokens: Tokens, isMap: boolean): SetBody {
  tokens.expect('{')
  let key: string[] = []
  let value: string[] | undefined
  let flags: string[] = []
  let comment: string | undefined
  while (!tokens.accept('}')) {
    if (tokens.accept('type')) {
      key = readTypes(tokens)
      if (isMap) {
        tokens.expect(':')
        value = tokens.accept('counter') ? ['counter'] : readTypes(tokens)
      }
    } else if (tokens.accept('typeof') && !isMap) key = readExpressionTypes(tokens)
    else if (tokens.accept('flags')) flags = readFlags(tokens)
    else if (tokens.accept('comment')) comment = tokens.next().text
    else if (tokens.accept('size')) tokens.next()
    else if (!tokens.accept('auto-merge')) throw syntaxError(tokens.next().text)
    closeItem(tokens)
  }
  if (key.length === 0) throw nftError('set definition does not specify key')
  return { key, value, flags, comment }
}

function readTypes(tokens: Tokens): string[] {
  const types: string[] = []
  do {
    const { text } = tokens.next()
    if (text === 'counter') throw syntaxError(text)
    if (TYPE_BITS[text] === undefined && text !== 'verdict') throw nftError(`unknown datatype ${text}`)
    types.push(text)
  } while (tokens.accept('.'))
  return types
}

/** `typeof iifname . @th,64,128`, the only form that is modelled. */
function readExpressionTypes(tokens: Tokens): string[] {
  for (const word of ['iifname', '.', '@th', ',', '64', ',', '128']) tokens.expect(word)
  return ['ifname', 'integer']
}

function readFlags(tokens: Tokens): string[] {
  const flags: string[] = []
  do {
    const { text } = tokens.next()
    if (!['interval', 'constant', 'dynamic', 'timeout'].includes(text)) throw syntaxError(text)
    flags.push(text)
  } while (tokens.accept(','))
  return flags
}

function closeItem(tokens: Tokens): void {
  while (tokens.accept(';'));
}

export interface ChainBody {
  readonly base: BaseChain | undefined
  readonly policy: string | undefined
}

const TYPES = new Set(['filter', 'nat', 'route'])
const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress']

/** Reads `{ type T hook H [device D] priority P; policy accept|drop; }`, or nothing for a regular chain. */
export function readChainBody(tokens: Tokens, family: string): ChainBody {
  if (!tokens.accept('{')) return { base: undefined, policy: undefined }
  let base: BaseChain | undefined
  let policy: string | undefined
  while (!tokens.accept('}')) {
    if (tokens.accept('type')) base = readBase(tokens, family)
    else if (tokens.accept('policy')) policy = oneOf(tokens, ['accept', 'drop'])
    else if (tokens.accept('comment')) tokens.next()
    else throw syntaxError(tokens.next().text)
    closeItem(tokens)
  }
  return { base, policy: base === undefined ? undefined : (policy ?? 'accept') }
}

function readBase(tokens: Tokens, family: string): BaseChain {
  const type = tokens.next().text
  if (!TYPES.has(type)) throw nftError('unknown chain type')
  if (family === 'bridge' && type !== 'filter') throw nftKernelError('No such file or directory')
  tokens.expect('hook')
  const hook = oneOf(tokens, HOOKS)
  const device = tokens.accept('device') ? tokens.next().text : undefined
  tokens.expect('priority')
  return { type, hook, device, priority: readPriority(tokens, family) }
}

function oneOf(tokens: Tokens, words: readonly string[]): string {
  const { text } = tokens.next()
  if (!words.includes(text)) throw syntaxError(text)
  return text
}

const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
}
const BRIDGE_PRIORITIES: Readonly<Record<string, number>> = {
  dstnat: -300,
  filter: -200,
  out: 100,
  srcnat: 300,
}

function readPriority(tokens: Tokens, family: string): number {
  const { text } = tokens.next()
  const known = (family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES)[text]
  if (known === undefined && !/^-?\d+$/.test(text)) throw syntaxError(text)
  const sign = tokens.accept('-') ? -1 : tokens.accept('+') ? 1 : 0
  return (known ?? Number(text)) + (sign === 0 ? 0 : sign * Number(tokens.next().text))
}
