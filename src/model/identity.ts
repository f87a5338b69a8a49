import { digest } from '../net/digest.ts'
import type { Runtime } from './types.ts'

/** Route and neighbour protocol, link group and address metric by which what is ours is told (src/README.md, 3). */
export const MARK = 164
export const MARK_TEXT = `${MARK}`
export const ALIAS_PREFIX = 'slash64'
export const TABLE = 'inet slash64'
/** The one that looks at frames, where anti-spoofing needs it. */
export const FRAME_TABLE = 'bridge slash64'
export type TableName = typeof TABLE | typeof FRAME_TABLE
/**
 * Flags of our tables (kernel 6.9, nft 1.1). `owner`: nobody but the process that made it so can change or flush it;
 * `persist`: it stays when that process ends, and the next one may own it.
 */
export const PERSISTENT = 'persist'
export const OWNED = 'owner, persist'

/** The alias that marks a link as ours. */
export function aliasOf(name: string): string {
  return `${ALIAS_PREFIX}:${name}`
}

/**
 * The host side of a container's veth pair: `s64-`, four readable bytes, six of a hash over what the runtime calls
 * the container, where it keeps it, and its interface; 15 bytes at most (IFNAMSIZ). Renaming the container in the file keeps it.
 */
export function vethName(runtime: Runtime): string {
  const known = veths.get(runtime)
  if (known !== undefined) return known
  const name = newVethName(runtime)
  veths.set(runtime, name)
  return name
}

const veths = new WeakMap<Runtime, string>()

function newVethName({ type, name, path = '', interface: inner }: Runtime): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 4)
  return `s64-${readable}-${digest(`${type} ${name} ${inner}${path && ` ${path}`}`, 6)}`
}
