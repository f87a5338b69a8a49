import { linkNamed } from './state.ts'
import { lookupError, usageError, wrongArgument } from './fail.ts'
import { parseAddress, parsePrefix } from './inet.ts'
import type { Address, Prefix } from './inet.ts'
import type { Link, Netns } from './state.ts'

/** The words of one ip line, read from left to right. */
export interface Words {
  peek(): string | undefined
  /** The next word; a missing one ends ip (exit 255). */
  next(): string
  /** Takes the next word if it is one of these. */
  accept(...words: readonly string[]): boolean
}

export function wordsOf(list: readonly string[]): Words {
  let at = 0
  return {
    peek: () => list[at],
    next: () => {
      const word = list[at++]
      if (word === undefined) throw usageError('Command line is not complete. Try option "help"')
      return word
    },
    accept: (...words) => {
      const word = list[at]
      if (word === undefined || !words.includes(word)) return false
      at += 1
      return true
    },
  }
}

/** Splits a batch line as ip does: quotes group, and `#` starts a comment even inside a word (measured on 6.1). */
export function splitLine(line: string): string[] {
  const words: string[] = []
  const pattern = /"([^"]*)"|'([^']*)'|([^\s#"']+)|(#.*$)/g
  for (const [, double, single, plain, comment] of line.matchAll(pattern)) {
    if (comment !== undefined) break
    words.push(double ?? single ?? plain ?? '')
  }
  return words
}

/** A decimal number, or `Invalid "WHAT" value` (exit 255). */
export function numberOf(word: string, what: string): number {
  if (!/^\d{1,10}$/.test(word)) throw wrongArgument(word, `Invalid "${what}" value`)
  return Number(word)
}

export function prefixOf(word: string): Prefix {
  const prefix = parsePrefix(word)
  if (prefix === undefined) {
    throw usageError(`Error: any valid prefix is expected rather than "${word}".`, 1)
  }
  return prefix
}

export function addressOf(word: string): Address {
  const address = parseAddress(word)
  if (address === undefined) {
    throw usageError(`Error: any valid address is expected rather than "${word}".`, 1)
  }
  return address
}

export function macOf(word: string): string {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(word)) throw lookupError(`"${word}" is invalid lladdr.`)
  return word
    .split(':')
    .map((octet) => octet.toLowerCase().padStart(2, '0'))
    .join(':')
}

/** Interface names as the kernel takes them: 1 to 15 bytes, no slash, no white space. */
export function interfaceName(word: string): string {
  const fine = /^[^/\s]{1,15}$/.test(word) && word !== '.' && word !== '..'
  if (!fine) throw wrongArgument(word, '"name" not a valid ifname')
  return word
}

export function deviceOf(netns: Netns, name: string): Link {
  const link = linkNamed(netns, name)
  if (link === undefined) throw lookupError(`Cannot find device "${name}"`)
  return link
}

export function onOff(word: string, what: string): boolean {
  if (word !== 'on' && word !== 'off')
    throw usageError(`Error: argument of "${what}" must be "on" or "off", not "${word}"`)
  return word === 'on'
}

/** `ip link` exits at once where no device is named, the other objects only report it. */
export function needDevice(name: string | undefined, fail = usageError): string {
  if (name === undefined) throw fail('Not enough information: "dev" argument is required.')
  return name
}

export function garbage(word: string): never {
  throw usageError(`Error: either "to" is duplicate, or "${word}" is a garbage.`)
}
