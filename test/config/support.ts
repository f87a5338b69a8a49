import { loadConfig } from '../../src/config/load.ts'
import type { Issue } from '../../src/config/issue.ts'
import type { Model } from '../../src/model/types.ts'

export const FILE = 'network.yaml'

/** Top-level parts of a valid file, as YAML text by key; a test replaces or adds the ones that it is about. */
const PARTS: Readonly<Record<string, string>> = {
  apiVersion: 'slash64/v1',
  kind: 'Network',
  upstream: '{ interface: eth0, ipv4: 203.0.113.2 }',
  prefix: '{ cidr: "2001:db8:1:1::/64" }',
  networks: '{ br-ct: { ipv6: ::1:0/112, ipv4: 10.64.0.0/24 } }',
  containers:
    '{ blog: { ipv6: ::1:2, ipv4: 10.64.0.2 }, db: { ipv6: ::1:3, ipv4: 10.64.0.3 }, six: { ipv6: ::1:6 }, four: { ipv4: 10.64.0.4 } }',
}

/** A valid file with some parts replaced; an empty text leaves a part out. */
export function yaml(parts: Readonly<Record<string, string>> = {}): string {
  return Object.entries({ ...PARTS, ...parts })
    .filter(([, text]) => text !== '')
    .map(([key, text]) => `${key}: ${text}\n`)
    .join('')
}

/** A valid file in which one container stands beside `blog`. */
export function container(text: string, name = 'web'): string {
  return yaml({ containers: `{ blog: { ipv6: ::1:2, ipv4: 10.64.0.2 }, ${name}: ${text} }` })
}

export function issuesOf(text: string): readonly Issue[] {
  const loaded = loadConfig(text, FILE)
  return loaded.ok ? [] : loaded.issues
}

/** The codes of a text's issues, in order of place. */
export function codesOf(text: string): readonly string[] {
  return issuesOf(text).map(({ code }) => code)
}

/** The model of a text that must be valid. */
export function modelOf(text: string): Model {
  const loaded = loadConfig(text, FILE)
  if (!loaded.ok) throw new Error(loaded.issues.map((issue) => `${issue.code} ${issue.message}`).join('\n'))
  return loaded.model
}

/** What the issue marks in the text. */
export function marked(text: string, issue: Issue | undefined): string {
  if (issue === undefined) return ''
  const line = text.split(/\r?\n/)[issue.line - 1] ?? ''
  return line.slice(issue.column - 1, issue.column - 1 + issue.length)
}

/** The file as most people write it, over several lines. */
export const BLOCK = yaml({
  networks: '\n  br-ct:\n    ipv6: ::1:0/112\n    ipv4: 10.64.0.0/24',
  containers: '\n  blog:\n    ipv6: ::1:2\n    expose:\n      - 443/tcp',
})
