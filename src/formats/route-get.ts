/** A packet of a container, by its addresses and the bridge over which it comes. */
interface Packet {
  readonly source: string
  readonly destination: string
  readonly bridge: string
}

/** The `ip -batch` line that asks which way a forwarded packet would go. */
export function lineAsking({ source, destination, bridge }: Packet): string {
  return `route get ${destination} from ${source} iif ${bridge}`
}

/**
 * Reads `ip -o route get` (iproute2 6.1): the outgoing interface by `DESTINATION SOURCE`. Nothing for what has no
 * route, nor for the host's own addresses (`local …`).
 */
export function parseRoutesTaken(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, destination, source, device] =
        /^([0-9a-f.:]+) from ([0-9a-f.:]+)(?: via (?:inet6 )?\S+)? dev (\S+)/.exec(line) ?? []
      return destination && source && device ? [[`${destination} ${source}`, device]] : []
    }),
  )
}
