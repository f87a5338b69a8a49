import { parsePorts } from '../net/port.ts'

/** `500ms`, `30s`, `5m`, `1h`: whole numbers above zero. */
export function isDuration(text: string): boolean {
  return /^[1-9][0-9]{0,5}(ms|s|m|h)$/.test(text)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Of a duration. */
export function milliseconds(duration: string): number {
  const [, count = '', unit = ''] = /^([0-9]+)(ms|s|m|h)$/.exec(duration) ?? []
  return Number(count) * (UNITS[unit] ?? 1_000)
}

/** `127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`; whether the host is there is seen when it is used. */
export function isListenAddress(text: string): boolean {
  if (text === NO_LISTEN) return true
  const range = parsePorts(PLACE.exec(text)?.[3] ?? '')
  return range !== undefined
}

/** What `--listen` says to serve nobody. */
const NO_LISTEN = 'off'
const PLACE = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):([0-9]+)$/

/** Where to listen; a name is also one by which requests may call us. Undefined: nowhere. */
export function listenPlace(text: string):
  | {
      readonly address: string
      readonly port: number
      readonly names: readonly string[]
      readonly isLoopback: boolean
    }
  | undefined {
  const [, six, other = '', port] = PLACE.exec(text) ?? []
  if (port === undefined) return undefined
  const address = six ?? other
  const isLoopback = address === '::1' || address === 'localhost' || address.startsWith('127.')
  return { address, port: Number(port), names: six === undefined ? [other] : [], isLoopback }
}
