import { isReference, isVerdict } from './nft-state.ts'
import { nftError, nftKernelError } from './nft-words.ts'
import type { ElementValue, Field, NftElement, NftSet, ObjectReference, Verdict } from './nft-state.ts'

/*
 * The kernel has three kinds of sets, which differ in what overlaps and what a deletion finds: hash (no interval),
 * rbtree (intervals of one field) and pipapo (intervals of a concatenation). Measured on 6.18 with nft 1.0.6.
 */
type Backend = 'hash' | 'rbtree' | 'pipapo'

function backendOf(set: NftSet): Backend {
  if (!set.flags.includes('interval')) return 'hash'
  return set.key.length > 1 ? 'pipapo' : 'rbtree'
}

/** Adds the elements of one statement, which nft itself compares with each other where it keeps intervals. */
export function addElements(set: NftSet, elements: readonly NftElement[], create: boolean): void {
  if (
    backendOf(set) === 'rbtree' &&
    elements.some((one) => elements.some((other) => conflicts(one, other)))
  ) {
    throw nftError('conflicting intervals specified')
  }
  for (const element of elements) addElement(set, element, create)
}

function conflicts(one: NftElement, other: NftElement): boolean {
  return !sameFields(one.key, other.key) && one.key.every((field, index) => meets(field, other.key[index]))
}

/** Adds an element. The same element again is fine (not with `create`); other data, or an overlap, is EEXIST. */
function addElement(set: NftSet, element: NftElement, create: boolean): void {
  const known = set.elements.find((other) => sameFields(other.key, element.key))
  const clash = known === undefined ? overlapping(set, element) : undefined
  if (clash !== undefined) {
    throw backendOf(set) === 'rbtree'
      ? nftError('interval overlaps with an existing one')
      : nftKernelError('File exists')
  }
  if (known === undefined) set.elements.push(element)
  else if (create || !sameValue(known, element)) throw nftKernelError('File exists')
}

function overlapping(set: NftSet, element: NftElement): NftElement | undefined {
  const backend = backendOf(set)
  if (backend === 'hash') return undefined
  if (backend === 'rbtree') {
    return set.elements.find(({ key }) => key.every((field, index) => meets(field, element.key[index])))
  }
  // pipapo looks up the first and the last key only: a range that encloses another one is accepted.
  return matching(set, element.key, 'first') ?? matching(set, element.key, 'last')
}

function meets(one: Field, other: Field | undefined): boolean {
  return other !== undefined && one.first <= other.last && other.first <= one.last
}

function matching(set: NftSet, key: readonly Field[], end: 'first' | 'last'): NftElement | undefined {
  return set.elements.find((other) =>
    other.key.every((field, index) => {
      const point = key[index]?.[end]
      return point !== undefined && field.first <= point && point <= field.last
    }),
  )
}

/** Removes an element; its data is not looked at. */
export function removeElement(set: NftSet, element: NftElement): void {
  const backend = backendOf(set)
  // pipapo finds the element that holds the first key, whatever its own ends are.
  const known =
    backend === 'pipapo'
      ? matching(set, element.key, 'first')
      : set.elements.find((other) => sameFields(other.key, element.key))
  if (known === undefined) {
    throw backend === 'rbtree'
      ? nftError('element does not exist')
      : nftKernelError('No such file or directory')
  }
  set.elements = set.elements.filter((other) => other !== known)
}

function sameFields(one: readonly Field[], other: readonly Field[]): boolean {
  return (
    one.length === other.length &&
    one.every((field, index) => field.first === other[index]?.first && field.last === other[index]?.last)
  )
}

function isNamed(value: ElementValue): value is Verdict | ObjectReference {
  return isVerdict(value) || isReference(value)
}

function sameValue(one: NftElement, other: NftElement): boolean {
  if (one.value === undefined || other.value === undefined) return one.value === other.value
  if (isNamed(one.value) || isNamed(other.value)) {
    return JSON.stringify(one.value) === JSON.stringify(other.value)
  }
  return sameFields(one.value, other.value)
}
