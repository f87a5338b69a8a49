/** A TCP endpoint as text: `10.64.0.2:80`, `[2001:db8::2]:443` (RFC 3986, 3.2.2). */
export function formatEndpoint({
  address,
  port,
}: {
  readonly address: string
  readonly port: number
}): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** The other way round; undefined for anything else. */
export function parseEndpoint(text: string): { address: string; port: number } | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? []
  const address = six ?? four
  return address === undefined ? undefined : { address, port: Number(port) }
}
