/** What `th` becomes once the rule has said which protocol it is. */
const TRANSPORTS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [6, 'tcp'],
  [17, 'udp'],
])

/**
 * `meta l4proto 6 ... th dport` comes back from nft 1.0.6 as `tcp dport`, without the first match; a statement
 * between the two, such as `counter`, keeps it.
 */
export function withTransport(expr: readonly unknown[]): readonly unknown[] {
  const at = expr.findIndex((one) => transportOf(one) !== undefined)
  const transport = transportOf(expr[at])
  if (transport === undefined) return expr
  const rest = expr.slice(at + 1)
  const known = rest.map((one) => renamed(one, transport))
  const first = known.findIndex((one, index) => one !== rest[index])
  const implied = first >= 0 && rest.slice(0, first).every((one) => partOf(one, 'match') !== undefined)
  return [...expr.slice(0, implied ? at : at + 1), ...known]
}

function transportOf(expression: unknown): string | undefined {
  const match = partOf(expression, 'match')
  const meta = partOf(partOf(match, 'left'), 'meta')
  if (partOf(match, 'op') !== '==' || partOf(meta, 'key') !== 'l4proto') return undefined
  return TRANSPORTS.get(partOf(match, 'right'))
}

/** How a family says that a packet is IPv4. */
const IPV4: Readonly<Record<string, unknown>> = {
  bridge: { match: { op: '==', left: { payload: { protocol: 'ether', field: 'type' } }, right: 8 } },
  inet: { match: { op: '==', left: { meta: { key: 'nfproto' } }, right: 2 } },
}

/** Before `igmp` nft 1.0.6 prints that it is IPv4, unless the rule says so before. */
export function withNetwork(expr: readonly unknown[], family: string): readonly unknown[] {
  const at = expr.findIndex((one) => JSON.stringify(one).includes('"protocol":"igmp"'))
  const network = IPV4[family]
  if (at < 0 || network === undefined) return expr
  const said = JSON.stringify(network)
  const isKnown = expr
    .slice(0, at)
    .map((one) => JSON.stringify(one))
    .some((text) => text === said || text.includes('"protocol":"ip"'))
  return isKnown ? expr : expr.toSpliced(at, 0, network)
}

/** The expression itself, where there is no `th` in it. */
function renamed(expression: unknown, transport: string): unknown {
  const text = JSON.stringify(expression)
  const replaced = text.replaceAll('"protocol":"th"', `"protocol":"${transport}"`)
  return replaced === text ? expression : JSON.parse(replaced)
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(key)
    : undefined
}
