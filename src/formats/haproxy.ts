import type { Endpoint } from '../engine/types.ts'
import { SystemError } from '../system/errors.ts'
import { digest } from '../net/digest.ts'
import { parseEndpoint } from '../net/endpoint.ts'

/** `HAProxy version 2.6.12-1+deb12u4 2026/10/17 - ...`, before 2.4 `HA-Proxy version ...` → `2.6.12`. */
export function parseVersion(text: string): string {
  const [, version] = /^HA-?Proxy version (\d+\.\d+(?:\.\d+)?)/m.exec(text) ?? []
  if (version === undefined) throw garbled('haproxy -v', text)
  return version
}

/** Where the process tells its own host, and nobody else, which generation it runs. */
export const GENERATION_PATH = '/.well-known/slash64/generation'

/** The number of the process that answers `show info`; undefined if it does not say. */
export function parseInfoPid(text: string): number | undefined {
  const [, pid] = /^Pid: (\d+)$/m.exec(text) ?? []
  return pid === undefined ? undefined : Number(pid)
}

/** The value of `get var NAME`; undefined when the process knows no such variable. */
export function parseVariable(text: string): string | undefined {
  return /type=str value=<([^>]*)>/.exec(text)?.[1]
}

export interface MapEntry {
  readonly key: string
  readonly value: string
}

/** `show map FILE`: `0x55d6c0a1b130 KEY VALUE`. A map that the process does not have is empty. */
export function parseLiveMap(text: string): readonly MapEntry[] {
  // The command line ends each answer with an empty line: without it the answer was cut.
  if (text !== '\n' && !text.endsWith('\n\n')) throw garbled('show map', text)
  if (text.includes('Unknown map identifier')) return []
  return linesOf(text).map((line) => {
    const [, key, value] = /^0x[0-9a-f]+ (\S+) ?(.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) throw garbled('show map', line)
    return { key, value }
  })
}

/** A map's file: `KEY VALUE`. A line that is not of ours is an entry too, so that it is seen. */
export function parseMapFile(text: string): readonly MapEntry[] {
  return linesOf(text).map((line) => {
    const [, key = '', value = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? []
    return { key, value }
  })
}

export interface LiveServer {
  readonly backend: string
  readonly address: string
  readonly port: number
  /** Not set aside by an administrator (`srv_admin_state` 0), and of the weight that its section gives it. */
  readonly ready: boolean
  readonly health: 'up' | 'down' | 'unknown'
}

// srv_check_result: 0 not checked yet, 1 neutral, 2 failed, 3 passed, 4 passed for old sessions only.
const HEALTH: Readonly<Record<string, LiveServer['health']>> = { 2: 'down', 3: 'up', 4: 'up' }

/** `show servers state`, version 1 of its format (HAProxy 1.8 to 3.x): columns by their names. */
export function parseServers(text: string): readonly LiveServer[] {
  const [version, header, ...rows] = linesOf(text)
  if (version !== '1' || header === undefined || !text.endsWith('\n\n'))
    throw garbled('show servers state', text)
  const names = header.replace(/^# /, '').split(' ')
  const column = (cells: readonly string[], name: string) => cells[names.indexOf(name)] ?? ''
  return rows.map((row) => {
    const cells = row.split(' ')
    return {
      backend: column(cells, 'be_name'),
      address: column(cells, 'srv_addr'),
      port: Number(column(cells, 'srv_port')),
      ready:
        column(cells, 'srv_admin_state') === '0' &&
        column(cells, 'srv_uweight') === column(cells, 'srv_iweight'),
      health: HEALTH[column(cells, 'srv_check_result')] ?? 'unknown',
    }
  })
}

/** The sections of `backends.cfg`: name → text. Lines before the first are not part of any. */
export function parseSections(text: string): ReadonlyMap<string, string> {
  const sections = text.split(/^(?=backend )/m).filter((part) => part.startsWith('backend '))
  return new Map(sections.map((part) => [/^backend (\S*)/.exec(part)?.[1] ?? '', part]))
}

/** `server s 10.64.0.2:80` of a section. */
export function serverOf(section: string): string {
  return /^\s*server \S+ (\S+)/m.exec(section)?.[1] ?? ''
}

/** The section without its server's address, which the process can take as it runs. */
export function withoutServer(section: string): string {
  return section.replace(/^(\s*server \S+) \S+/m, '$1 -')
}

/** What the process must load anew when it changes: both files, without generation and addresses of servers. */
export function generationOf(base: string, backends: string): string {
  const sections = [...parseSections(backends).values()].map(withoutServer)
  return digest([base, ...sections].join('\n'), 16)
}

/** `backends.cfg`: whatever the sections' order, the same text. */
export function backendsText(base: string, sections: ReadonlyMap<string, string>): string {
  const sorted = [...sections].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text)
  const all = sorted.join('')
  const generation = generationOf(base, all)
  return `# Written by slash64, which undoes what is changed here.\nglobal\n    set-var-fmt proc.slash64 "${generation}"\n\n${all}`
}

export function mapText(entries: ReadonlyMap<string, string>): string {
  return [...entries]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key} ${value}\n`)
    .join('')
}

/** Where a configuration listens. */
export function bindsOf(base: string): readonly Endpoint[] {
  return [...base.matchAll(/^\s*bind (\S+)$/gm)].flatMap(([, place = '']) => parseEndpoint(place) ?? [])
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '')
}

function garbled(subject: string, text: string): SystemError {
  return new SystemError({ code: 'garbled', subject, detail: `not understood: ${text.trim().slice(0, 80)}` })
}
