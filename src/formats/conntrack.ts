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

function values(line: string, field: string): readonly string[] {
  return [...line.matchAll(new RegExp(`(?:^|\\s)${field}=(\\S+)`, 'g'))].map((match) => match[1] ?? '')
}
