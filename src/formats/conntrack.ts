/** One tracked connection of `conntrack -L`: the original direction, and who answers. */
export interface Connection {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly replySource: string
}

/** Reads `conntrack -L` (conntrack-tools 1.4): `src= dst= sport= dport=` of the original, then of the reply. */
export function parseConnections(text: string): readonly Connection[] {
  return text.split('\n').flatMap((line) => {
    const [source, replySource] = values(line, 'src')
    const [destination] = values(line, 'dst')
    const [sourcePort] = values(line, 'sport')
    const [destinationPort] = values(line, 'dport')
    if (!source || !replySource || !destination || !sourcePort || !destinationPort) return []
    return [
      {
        source,
        destination,
        sourcePort: Number(sourcePort),
        destinationPort: Number(destinationPort),
        replySource,
      },
    ]
  })
}

/** A tracked connection of any protocol: its original addresses, and those of its answers. */
export interface Flow {
  readonly source: string
  readonly destination: string
  readonly replySource: string
  readonly replyDestination: string
}

/** Reads the addresses alone: of ICMP, GRE and the like, too. */
export function parseFlows(text: string): readonly Flow[] {
  return text.split('\n').flatMap((line) => {
    const [source, replySource] = values(line, 'src')
    const [destination, replyDestination] = values(line, 'dst')
    if (!source || !replySource || !destination || !replyDestination) return []
    return [{ source, destination, replySource, replyDestination }]
  })
}

function values(line: string, field: string): readonly string[] {
  return [...line.matchAll(new RegExp(`(?:^|\\s)${field}=(\\S+)`, 'g'))].map((match) => match[1] ?? '')
}
