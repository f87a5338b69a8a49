import type { MonitorName } from './types.ts'

/** After so long (ms) without a word of either, both have told everything. */
const QUIET = 1_000

/**
 * Counts the transactions of the firewall, foreign ones too. nft 1.0.6 prints elements of sets with ranges for seconds, and
 * tells meanwhile of nothing that came behind; the monitor of tables prints none, and ends each transaction by a line all the
 * same. So it is known what the first has still to tell, and which of that a look has seen already.
 */
export interface Transactions {
  /** A line of one of them; resolves to the number of the transaction that it ended. */
  line(name: MonitorName, text: string, now: number): number | undefined
  /** Whether the one that prints elements has not told of this transaction yet. */
  isBehind(number: number): boolean
  /** Whether what the one that prints elements tells now was there before the last look at the firewall. */
  isSeen(): boolean
  /** A look at the firewall begins. */
  look(): void
  /** That one was started anew, and hears. */
  restart(): void
}

export function countTransactions(): Transactions {
  let [told, heard, looked, last] = [0, 0, 0, -Infinity]
  return {
    line: (name, text, now) => {
      // A word that was lost, of either, is no difference for ever.
      if (now - last >= QUIET) heard = told
      last = now
      if (name === 'nft-tables' && text === 'netlink event: NFT_MSG_NEWGEN') return (told += 1)
      if (name === 'nft' && text.startsWith('# new generation ')) return (heard += 1)
      return undefined
    },
    isBehind: (number) => heard < number,
    isSeen: () => heard < looked,
    look: () => void (looked = told),
    restart: () => void (heard = told),
  }
}
