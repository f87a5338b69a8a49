import { digest } from './digest.ts'

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/

/** Lower case with colons; undefined for anything else. */
export function canonicalMac(text: string): string | undefined {
  const lower = text.toLowerCase()
  return MAC.test(lower) ? lower : undefined
}

/** Whether one interface can own it: the group bit (IEEE 802) is clear, and it is not all zero. Wants it canonical. */
export function isUnicastMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0 && mac !== '00:00:00:00:00:00'
}

/** A locally administered unicast MAC (02:...) that is always the same for the same words. */
export function macOf(words: string): string {
  return ['02', ...(digest(words, 10).match(/../g) ?? [])].join(':')
}
