import { asObject, isObject, objectList, parseJson, requiredNumber, requiredText } from './json.ts'

/** What one named counter has counted since it was made or reset. */
export interface NftCounter {
  readonly packets: number
  readonly bytes: number
}

const SUBJECT = 'nft -j list counters'

/** Reads the output of `nft -j list counters table ...`, by name; throws `garbled` when it is not that. */
export function parseCounters(text: string): ReadonlyMap<string, NftCounter> {
  const entries = objectList(asObject(parseJson(text, SUBJECT), SUBJECT)['nftables'], SUBJECT)
  // nft says who it is even where there is nothing to list.
  asObject(entries[0]?.['metainfo'], SUBJECT)
  const counters = entries.flatMap(({ counter }) => (isObject(counter) ? [counter] : []))
  return new Map(
    counters.map((counter) => [
      requiredText(counter, 'name', SUBJECT),
      {
        packets: requiredNumber(counter, 'packets', SUBJECT),
        bytes: requiredNumber(counter, 'bytes', SUBJECT),
      },
    ]),
  )
}
