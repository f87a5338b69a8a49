import { formatIpv6 } from './address.ts'
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

/** The link-local IPv6 that an interface gives itself by its MAC (RFC 4291, appendix A), canonical. */
export function linkLocalOf(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  const bytes = [a ^ 2, b, c, 0xff, 0xfe, d, e, f]
  return formatIpv6(bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0xfe80000000000000n))
}

/** A locally administered unicast MAC (02:...) that is always the same for the same words. */
export function macOf(words: string): string {
  return ['02', ...(digest(words, 10).match(/../g) ?? [])].join(':')
}
