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
