import { domainToASCII } from 'node:url'

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Why a text is no host name of ours, with the spelling that would be one where there is such. */
export interface HostNameFault {
  readonly reason: string
  readonly better?: string
}

/**
 * Checks a name in any case: labels of letters, digits and inner hyphens (RFC 1123), 253 characters in all, at most
 * one `*.` in front, no address. Names in other scripts must be written as punycode. Undefined means it is fine.
 */
export function hostNameFault(text: string): HostNameFault | undefined {
  const name = text.toLowerCase()
  if (name.endsWith('.') && isHostName(name.slice(0, -1)))
    return { reason: 'has a final dot', better: name.slice(0, -1) }
  if (/[^\x21-\x7e]/.test(name)) return foreignScript(name)
  const base = name.startsWith('*.') ? name.slice(2) : name
  if (base.includes('*')) return { reason: 'may have "*" only as its whole first label, "*.example.org"' }
  if (isAddressLike(base)) return { reason: 'is an address, not a host name' }
  return isHostName(name) ? undefined : { reason: 'is not a host name' }
}

function isHostName(name: string): boolean {
  const base = name.startsWith('*.') ? name.slice(2) : name
  return name.length <= 253 && base.split('.').every((label) => LABEL.test(label))
}

/** Clients read a name whose last label is a number as an IPv4 address (WHATWG URL). */
function isAddressLike(name: string): boolean {
  return name.includes(':') || /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(name)
}

function foreignScript(name: string): HostNameFault {
  const ascii = domainToASCII(name.replace(/^\*\./, ''))
  if (ascii === '' || !isHostName(ascii)) return { reason: 'is not a host name' }
  return { reason: 'must be written in ASCII', better: name.startsWith('*.') ? `*.${ascii}` : ascii }
}
