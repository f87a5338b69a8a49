import type { Change, Resource, Step } from '../../engine/types.ts'
import type { Link, LinkAddress } from '../../formats/ip-links.ts'
import { MARK } from '../../model/identity.ts'

export interface AddressSpec {
  readonly address: string
  readonly length: number
  readonly device: string
}

export function addressKey({ address, length, device }: AddressSpec): string {
  return `${address}/${length} dev ${device}`
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
  const spec = { address: entry.address, length: entry.length, device: link.name }
  return { key: keyOf(spec), spec, marked: entry.metric === MARK }
}

/** `nodad`: else the address stays tentative while the bridge has no port, and nobody can bind to it (T18). */
export function addressSteps(change: Change<AddressSpec>, netns: string | undefined): readonly Step[] {
  const { address, length, device } = change.action === 'delete' ? change.before : change.after
  const nodad = address.includes(':') ? ' nodad' : ''
  const line =
    change.action === 'delete'
      ? `addr delete ${address}/${length} dev ${device}`
      : `addr replace ${address}/${length} dev ${device}${nodad} metric ${MARK}`
  return [{ tool: 'ip', line, ...(netns === undefined ? {} : { netns }) }]
}
