import type { Lab } from './lab.ts'

/** What curl got. `status` is undefined where there was no answer; `exitCode` says why (52, 35, 56: closed; 7: refused). */
export interface Fetched {
  readonly exitCode: number
  readonly status: number | undefined
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What curl itself said. */
  readonly complaint: string
}

/** Words that keep curl from the environment, the user's settings and every certificate authority. */
const ALONE = [
  '--disable',
  '--noproxy',
  '*',
  '--insecure',
  '--http1.1',
  '--silent',
  '--show-error',
  '--include',
]

/**
 * Fetches the URL from the place, at the address whatever host the URL names (nothing is looked up by DNS). Redirects are not
 * followed. More words of curl may follow.
 */
export async function curl(
  lab: Lab,
  place: string,
  address: string,
  url: string,
  ...words: readonly string[]
): Promise<Fetched> {
  const at = address.includes(':') ? `[${address}]` : address
  const argv = ['curl', ...ALONE, '--max-time', '20', '--connect-to', `::${at}:`, ...words, url]
  const { stdout, stderr, exitCode } = await lab.run(place, argv)
  const end = stdout.indexOf('\r\n\r\n')
  const [first = '', ...lines] = stdout.slice(0, Math.max(end, 0)).split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]
  return {
    exitCode,
    complaint: stderr.trim(),
    status: status === undefined ? undefined : Number(status),
    headers: Object.fromEntries(lines.map(splitField)),
    body: end < 0 ? '' : stdout.slice(end + 4),
  }
}

function splitField(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
