import type { Change, Resource, Step } from '../../engine/types.ts'
import type { Link, LinkAddress } from '../../formats/ip-links.ts'
import { MARK } from '../../model/identity.ts'

export interface AddressSpec {
  readonly address: string
  /** Of another's making: the address at the other end, of which `length` is. */
  readonly peer?: string
  readonly length: number
  readonly device: string
}

export function addressKey(spec: AddressSpec): string {
  return `${wordsOf(spec)} dev ${spec.device}`
}

function wordsOf({ address, peer, length }: AddressSpec): string {
  return peer === undefined ? `${address}/${length}` : `${address} peer ${peer}/${length}`
}

/**
 * Parts the addresses of one link. Ours are those with our metric: iproute2 before 6.3 knows no address protocol,
 * but every version stores a metric. A wanted address that somebody else put there already serves, and stays his.
 */
export function ownAddresses(
  link: Link,
  wanted: ReadonlySet<string>,
  keyOf: (spec: AddressSpec) => string = addressKey,
): { owned: readonly Resource<AddressSpec>[]; foreign: readonly string[] } {
  const resources = link.addresses
    .filter(({ linkLocal }) => !linkLocal)
    .map((entry) => asResource(link, entry, keyOf))
  const owned = resources.filter(({ key, marked }) => marked || wanted.has(key))
  return {
    owned: owned.map(({ key, spec }) => ({ key, spec })),
    foreign: resources.filter(({ marked }) => !marked).map(({ key }) => key),
  }
}

function asResource(link: Link, entry: LinkAddress, keyOf: (spec: AddressSpec) => string) {
  const { address, length, peer } = entry
  const spec = { address, length, device: link.name, ...(peer !== undefined && { peer }) }
  return { key: keyOf(spec), spec, marked: entry.metric === MARK }
}

/** `nodad`: else the address stays tentative while the bridge has no port, and nobody can bind to it (T18). */
export function addressSteps(change: Change<AddressSpec>, netns: string | undefined): readonly Step[] {
  const spec = change.action === 'delete' ? change.before : change.after
  const { address, device } = spec
  const nodad = address.includes(':') ? ' nodad' : ''
  const line =
    change.action === 'delete'
      ? `addr delete ${wordsOf(spec)} dev ${device}`
      : `addr replace ${wordsOf(spec)} dev ${device}${nodad} metric ${MARK}`
  return [{ tool: 'ip', line, ...(netns === undefined ? {} : { netns }) }]
}
