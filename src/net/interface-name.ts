const CHARACTERS = /^[A-Za-z0-9_.-]*$/
const TAKEN: ReadonlySet<string> = new Set(['.', '..', 'all', 'default', 'lo'])

/** IFNAMSIZ of the kernel, less the final zero. */
const MAX_BYTES = 15

/**
 * Why a text cannot name an interface here; undefined when it can. Stricter than the kernel, which takes `a;b` and
 * `--help`: names reach commands, /proc paths and nft. `s64-` begins the names that we make.
 */
export function interfaceNameFault(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (Buffer.byteLength(name) > MAX_BYTES) return `is longer than ${MAX_BYTES} bytes`
  if (!CHARACTERS.test(name)) return 'may have only letters, digits, "_", "." and "-"'
  if (name.startsWith('-')) return 'must not begin with "-"'
  if (TAKEN.has(name)) return 'has a meaning of its own to the kernel'
  return name.startsWith('s64-')
    ? 'begins with "s64-", which is kept for interfaces that slash64 makes'
    : undefined
}
