import { parsePorts } from '../net/port.ts'

/** `500ms`, `30s`, `5m`, `1h`: whole numbers above zero. */
export function isDuration(text: string): boolean {
  return /^[1-9][0-9]{0,5}(ms|s|m|h)$/.test(text)
}

/** `127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`; whether the host is there is seen when it is used. */
export function isListenAddress(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]+)$/.exec(text)
  const range = parsePorts(match?.[1] ?? '')
  return range !== undefined
}
