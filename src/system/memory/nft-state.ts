/* nft's tables as plain data, without references: a transaction works on a structured clone of it. */

export interface Table {
  readonly family: string
  readonly name: string
  readonly handle: number
  nextHandle: number
  readonly counters: Map<string, Counter>
  readonly sets: Map<string, NftSet>
  readonly chains: Map<string, Chain>
}

/** By `FAMILY NAME`. */
export type Tables = Map<string, Table>

export interface Counter {
  readonly name: string
  readonly handle: number
  readonly comment: string | undefined
  packets: number
  bytes: number
}

/** A set, or with `value` a map. */
export interface NftSet {
  readonly name: string
  readonly handle: number
  readonly key: readonly string[]
  readonly value: readonly string[] | undefined
  readonly flags: readonly string[]
  readonly comment: string | undefined
  elements: NftElement[]
}

/** One field of a key or value: the numbers `first` to `last`, and how nft writes it where no number says it. */
export interface Field {
  readonly type: string
  readonly first: bigint
  readonly last: bigint
  readonly text: string
}

export interface Verdict {
  readonly verdict: string
  readonly chain: string | undefined
}

/** The named object that a map of counters leads to. */
export interface ObjectReference {
  readonly counter: string
}

export type ElementValue = readonly Field[] | Verdict | ObjectReference | undefined

export interface NftElement {
  readonly key: readonly Field[]
  readonly value: ElementValue
}

export interface BaseChain {
  readonly type: string
  readonly hook: string
  readonly priority: number
  readonly device: string | undefined
}

export interface Chain {
  readonly name: string
  readonly handle: number
  readonly base: BaseChain | undefined
  policy: string | undefined
  rules: Rule[]
}

export interface Rule {
  readonly handle: number
  readonly comment: string | undefined
  readonly expr: readonly unknown[]
  readonly sets: readonly string[]
  readonly counters: readonly string[]
  readonly counterMaps: readonly string[]
  readonly chains: readonly string[]
  readonly text: string
}

export function isVerdict(value: ElementValue): value is Verdict {
  return value !== undefined && 'verdict' in value
}

export function isReference(value: ElementValue): value is ObjectReference {
  return value !== undefined && 'counter' in value
}
