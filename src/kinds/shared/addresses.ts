import type { Change, Resource, Step } from '../../engine/types.ts'
import type { Link, LinkAddress } from '../../formats/ip-links.ts'
import { MARK } from '../../model/identity.ts'

export interface AddressSpec {
  readonly address: string
  /** Of another's making: the address at the other end, of which `length` is. */
  readonly peer?: string
  readonly length: number
  readonly device: string
  /** Never the source of what its owner begins, where there is another one. */
  readonly deprecated?: true
}

export function addressKey(spec: AddressSpec): string {
  return `${wordsOf(spec)} dev ${spec.device}`
}

function wordsOf({ address, peer, length }: AddressSpec): string {
  return peer === undefined ? `${address}/${length}` : `${address} peer ${peer}/${length}`
}

/**
 * Parts the addresses of one link. Ours are those with our metric: iproute2 before 6.3 knows no address protocol,
 * but every version stores a metric. The kernel knows an IPv6 address of a link by itself alone, whatever its length: so one
 * that is wanted has the key of what is wanted. A wanted address that somebody else put there already serves, and stays his.
 */
export function ownAddresses<Spec extends AddressSpec>(
  link: Link,
  wanted: readonly Resource<Spec>[],
  keyOf: (spec: AddressSpec) => string = addressKey,
): { owned: readonly Resource<AddressSpec>[]; foreign: readonly string[] } {
  const resources = link.addresses
    .filter(({ linkLocal }) => !linkLocal)
    .map((entry) => asResource(link, entry, wanted, keyOf))
  const owned = resources.filter(({ marked, serves }) => marked || serves !== undefined)
  return {
    owned: owned.map(({ key, spec, marked, serves }) => ({
      key,
      spec: marked ? spec : (serves?.spec ?? spec),
    })),
    foreign: resources.filter(({ marked }) => !marked).map(({ own }) => own),
  }
}

function asResource<Spec extends AddressSpec>(
  link: Link,
  entry: LinkAddress,
  wanted: readonly Resource<Spec>[],
  keyOf: (spec: AddressSpec) => string,
) {
  const { address, length, peer, family, deprecated } = entry
  const spec: AddressSpec = {
    address,
    length,
    device: link.name,
    ...(peer !== undefined && { peer }),
    ...(deprecated && { deprecated }),
  }
  const own = keyOf(spec)
  const same = wanted.find((one) => one.key === own || (family === 6 && one.spec.address === address))
  return { key: same?.key ?? own, own, spec, marked: entry.metric === MARK, serves: same }
}

/** Whether nothing has to be done to it. */
export function isSameAddress(before: AddressSpec, after: AddressSpec): boolean {
  return before.length === after.length && before.deprecated === after.deprecated
}

export function addressReason(before: AddressSpec, after: AddressSpec): string {
  if (before.length !== after.length) return `/${before.length} -> /${after.length}`
  return after.deprecated ? 'is no source of the host’s own connections' : 'is a source again'
}

/**
 * `nodad`: else the address stays tentative while the bridge has no port, and nobody can bind to it (T18). One of another
 * length goes and comes in one batch: `replace` takes the new length for the old one's label, and changes nothing (kernel 6.18).
 */
export function addressSteps(change: Change<AddressSpec>, netns: string | undefined): readonly Step[] {
  const lines = linesOf(change)
  return lines.map((line) => ({ tool: 'ip', line, ...(netns === undefined ? {} : { netns }) }))
}

function linesOf(change: Change<AddressSpec>): readonly string[] {
  if (change.action === 'delete') return [deleteLine(change.before)]
  if (change.action === 'create' || change.before.length === change.after.length)
    return [replaceLine(change.after)]
  return [deleteLine(change.before), replaceLine(change.after)]
}

function deleteLine(spec: AddressSpec): string {
  return `addr delete ${wordsOf(spec)} dev ${spec.device}`
}

function replaceLine(spec: AddressSpec): string {
  const { address, device, deprecated } = spec
  const nodad = address.includes(':') ? ' nodad' : ''
  const lifetime = deprecated ? ' preferred_lft 0' : ''
  return `addr replace ${wordsOf(spec)} dev ${device}${nodad} metric ${MARK}${lifetime}`
}
