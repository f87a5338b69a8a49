import { digest } from '../net/digest.ts'
import type { Container, Model } from './types.ts'

/** As the container sees it. */
export const DIRECTIONS = ['receive', 'transmit'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** The containers whose traffic the file asks to count; none without an address could be told from the others. */
export function countedContainers({ metrics, containers }: Model): readonly Container[] {
  if (!metrics.containers) return []
  return containers.filter(({ ipv4, ipv6 }) => ipv4 !== undefined || ipv6 !== undefined)
}

/**
 * The named counter of a container: the direction, sixteen readable bytes at most, twelve of a hash over its name; 38
 * bytes at most (nft takes 255).
 */
export function trafficCounter(container: string, direction: Direction): string {
  return `${direction}-${container.slice(0, 16)}-${digest(container, 12)}`
}

/** Whether a counter of our table is one of a container, of this file or an earlier one. */
export function isTrafficCounter(name: string): boolean {
  return DIRECTIONS.some((direction) => name.startsWith(`${direction}-`))
}
