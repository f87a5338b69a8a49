import type { Lab } from '../lab/lab.ts'

/** What `nft -j list table inet slash64` tells of our table, as far as the drift tests need it. */
export interface OwnTable {
  readonly chains: readonly { readonly name: string; readonly rules: number }[]
  /** Sets and maps that hold something, and how much. */
  readonly filled: readonly { readonly type: 'set' | 'map'; readonly name: string; readonly size: number }[]
}

interface Container {
  readonly name: string
  readonly elem?: readonly unknown[]
}

interface Listing {
  readonly nftables: readonly {
    readonly chain?: { readonly name: string }
    readonly rule?: { readonly chain: string }
    readonly set?: Container
    readonly map?: Container
  }[]
}

/** Read from the host, so that the tests need not know how the table is laid out. */
export async function ownTable(lab: Lab): Promise<OwnTable> {
  const text = await lab.must('host', ['nft', '-j', 'list', 'table', 'inet', 'slash64'])
  const { nftables }: Listing = JSON.parse(text)
  const rules = nftables.flatMap(({ rule }) => (rule ? [rule.chain] : []))
  const chains = nftables.flatMap(({ chain }) => (chain ? [chain.name] : []))
  return {
    chains: chains.map((name) => ({ name, rules: rules.filter((chain) => chain === name).length })),
    filled: nftables.flatMap(({ set, map }) => [...filled('set', set), ...filled('map', map)]),
  }
}

function filled(type: 'set' | 'map', one: Container | undefined): OwnTable['filled'] {
  const size = one?.elem?.length ?? 0
  return one === undefined || size === 0 ? [] : [{ type, name: one.name, size }]
}

/**
 * Our table in one canonical text, without what counts by itself (`-s`: counters' values) and without the order in
 * which its objects were made: a chain that was made anew is listed last.
 */
export async function tableText(lab: Lab): Promise<string> {
  const text = await lab.must('host', ['nft', '-n', '-s', 'list', 'table', 'inet', 'slash64'])
  return (
    text
      .replace(/^table inet slash64 \{\n/, '')
      .split('\n\n')
      .map((block) => block.trim().replace(/\n?\}$/, ''))
      // What the kernel itself counts in.
      .map((block) =>
        block.includes('flags dynamic') ? block.replace(/\n\s*elements = \{[^}]*\}/, '') : block,
      )
      .toSorted()
      .join('\n\n')
  )
}
