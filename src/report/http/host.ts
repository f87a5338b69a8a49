import { parseIpv4 } from '../../net/address.ts'

/**
 * Whether a request may name us so, in its Host header (RFC 9110, 7.2). A page in a browser can make a name of its own
 * lead to our address, and then read what we answer (DNS rebinding): so a name must be one of ours. An address in its
 * place cannot be forged that way.
 */
export function isOurHost(authority: string, names: readonly string[]): boolean {
  const [, six, name] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d*)?$/.exec(authority) ?? []
  if (six !== undefined) return /^[0-9a-f:.]+(?:%[\w.%-]+)?$/i.test(six)
  if (name === undefined) return false
  return parseIpv4(name) !== undefined || ['localhost', ...names].some((one) => plain(one) === plain(name))
}

/** Names are the same in any case, and with the final dot of the DNS. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
