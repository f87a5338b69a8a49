import { endpointOf, formFaults, linesOf, mapLines } from './lines.ts'
import { KEYWORDS, MODES, SERVER_OPTIONS } from './keywords.ts'
import { notModelled } from '../fail.ts'
import { parseAddress } from '../inet.ts'
import type { ConfigLine } from './lines.ts'
import type { Bind, MapEntry, ProxyConfig, Server } from './state.ts'

/** The faults of a configuration, each as haproxy words it after `[ALERT] (PID) : config : `. */
export class ConfigFaults extends Error {
  override readonly name = 'ConfigFaults'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

interface Section {
  readonly kind: string
  readonly name: string
  readonly id: number
  readonly place: string
}

interface Draft {
  readonly files: ReadonlyMap<string, string>
  readonly faults: string[]
  /** Servers by name, which are looked at when all else is right. */
  readonly unresolved: string[]
  readonly variables: Map<string, string>
  readonly sections: Section[]
  readonly binds: Bind[]
  readonly servers: Server[]
  readonly maps: Map<string, readonly Omit<MapEntry, 'id'>[]>
  /** Backends that a frontend names outright: message and name. */
  readonly wanted: { readonly why: string; readonly backend: string }[]
  socket: string | undefined
  besideConfig: boolean
}

/** Reads the files one after the other, as `haproxy -f A -f B` does; throws the faults that its check would tell. */
export function readConfig(paths: readonly string[], files: ReadonlyMap<string, string>): ProxyConfig {
  const missing = paths.find((path) => !files.has(path))
  if (missing !== undefined) {
    const why = 'No such file or directory'
    throw new ConfigFaults([`Cannot open configuration file/directory ${missing} : ${why}`])
  }
  const draft = newDraft(files)
  for (const path of paths) readFile(draft, path, files.get(path) ?? '')
  for (const { why, backend } of draft.wanted) {
    const found = draft.sections.some(({ kind, name }) => kind === 'backend' && name === backend)
    if (!found) draft.faults.push(`${why}: '${backend}'.`)
  }
  if (draft.faults.length > 0)
    throw new ConfigFaults([...draft.faults, 'Fatal errors found in configuration.'])
  if (draft.unresolved.length > 0) {
    throw new ConfigFaults([...draft.unresolved, 'Failed to initialize server(s) addr.'])
  }
  const backends = draft.sections.filter(({ kind }) => kind === 'backend').map(({ name }) => name)
  return { ...draft, backends: new Set(backends) }
}

function newDraft(files: ReadonlyMap<string, string>): Draft {
  const lists = { faults: [], unresolved: [], sections: [], binds: [], servers: [], wanted: [] }
  const maps = { variables: new Map<string, string>(), maps: new Map<string, readonly MapEntry[]>() }
  return { files, ...lists, ...maps, socket: undefined, besideConfig: false }
}

function readFile(draft: Draft, path: string, text: string): void {
  const before = draft.faults.length
  let section: Section | undefined
  draft.faults.push(...formFaults(path, text))
  for (const line of linesOf(path, text)) section = readLine(draft, line, section)
  if (draft.faults.length > before) draft.faults.push(endOf(path))
}

function endOf(path: string): string {
  return `Error(s) found in configuration file : ${path}`
}

function readLine(draft: Draft, line: ConfigLine, section: Section | undefined): Section | undefined {
  const [word = '', name = ''] = line.words
  if (Object.hasOwn(KEYWORDS, word)) return openSection(draft, line.place, word, name)
  const at = `parsing [${line.place}] : `
  if (section === undefined)
    draft.faults.push(`parsing [${line.place}]: unknown keyword '${word}' out of section.`)
  else if (KEYWORDS[section.kind]?.has(word) !== true) {
    draft.faults.push(`${at}unknown keyword '${word}' in '${section.kind}' section`)
  } else readKeyword(draft, line, section)
  return section
}

function openSection(draft: Draft, place: string, kind: string, name: string): Section {
  const twin = draft.sections.find((one) => one.kind === kind && one.name === name)
  const isProxy = kind === 'frontend' || kind === 'backend'
  // The command socket is the first proxy.
  const id = 2 + draft.sections.filter((one) => one.kind === 'frontend' || one.kind === 'backend').length
  if (isProxy && twin !== undefined) {
    const known = `${kind} '${name}' declared at ${twin.place}.`
    draft.faults.push(`Parsing [${place}]: ${kind} '${name}' has the same name as ${known}`)
  }
  const section = { kind, name, id, place }
  draft.sections.push(section)
  return section
}

function readKeyword(draft: Draft, line: ConfigLine, section: Section): void {
  const [word, first = '', ...rest] = line.words
  readMaps(draft, line, section)
  if (word === 'set-var-fmt') draft.variables.set(first, rest.join(' '))
  else if (word === 'stats' && first === 'socket') draft.socket = rest[0]
  else if (word === 'default-path') draft.besideConfig = first === 'config'
  else if (word === 'mode' && !MODES.has(first)) {
    draft.faults.push(`parsing [${line.place}] : unknown proxy mode '${first}'.`)
  } else if (word === 'bind') readBind(draft, line, section)
  else if (word === 'server') readServer(draft, line, section)
  else if ((word === 'use_backend' || word === 'default_backend') && !first.includes('%[')) {
    draft.wanted.push({ why: `Proxy '${section.name}': unable to find required ${word}`, backend: first })
  }
}

/** Each map is read once. In a log format the folder of the configuration is not known any more. */
function readMaps(draft: Draft, line: ConfigLine, section: Section): void {
  for (const [, name = ''] of line.words.join(' ').matchAll(/\bmap(?:_\w+)?\(([^),]+)/g)) {
    if (draft.maps.has(name)) continue
    const late = line.words[0] === 'use_backend'
    const folder = draft.besideConfig && !late ? line.directory : ''
    const text = draft.files.get(name.startsWith('/') ? name : `${folder}/${name}`)
    if (text === undefined) draft.faults.push(...missingMap(draft, line, section, name))
    else draft.maps.set(name, mapLines(text))
  }
}

/** One that a rule of HTTP needs ends the whole parse. */
function missingMap(draft: Draft, { place, words }: ConfigLine, section: Section, map: string): string[] {
  const why = `invalid args in converter 'map' : failed to open pattern file <${map}>`
  if (words[0] !== 'http-request') return [`parsing [${place}] : ${why}`]
  const rule = `error detected in ${section.kind} '${section.name}' while parsing '${words.slice(0, 2).join(' ')}' rule`
  const path = place.slice(0, place.lastIndexOf(':'))
  throw new ConfigFaults([...draft.faults, `parsing [${place}] : ${rule} : ${why}.`, endOf(path)])
}

function readBind(draft: Draft, { place, words }: ConfigLine, section: Section): void {
  const [, where = ''] = words
  const endpoint = endpointOf(where)
  const [, host = where] = /^(.*):\d+$/.exec(where) ?? []
  if (endpoint !== undefined && (endpoint.address === '*' || parseAddress(endpoint.address))) {
    draft.binds.push({ ...endpoint, frontend: section.name, place })
  } else if (host === where) {
    draft.faults.push(`parsing [${place}] : 'bind' : missing port specification in '${where}'`)
  } else draft.faults.push(`parsing [${place}] : 'bind' : invalid address: '${host}' in '${where}'`)
}

function readServer(draft: Draft, { place, words }: ConfigLine, section: Section): void {
  const [, name = '', where = '', ...options] = words
  const endpoint = endpointOf(where)
  const full = `${section.name}/${name}`
  if (endpoint === undefined && !where.includes(':')) throw notModelled(`a server without a port: ${where}`)
  if (endpoint === undefined || parseAddress(endpoint.address) === undefined) {
    const host = where.replace(/:\d*$/, '')
    draft.unresolved.push(`[${place}] : 'server ${full}' : could not resolve address '${host}'.`)
    return
  }
  const twin = draft.servers.some((server) => server.backend === section.name && server.name === name)
  if (twin) {
    const why = `backend '${section.name}', another server named '${name}' was already defined`
    draft.faults.push(`parsing [${place}] : ${why}, please use distinct names.`)
  }
  const unknown = unknownOption(options)
  if (unknown !== undefined) {
    draft.faults.push(`[${place}] : 'server ${full}' : unknown keyword '${unknown}'.`)
  }
  const id = draft.servers.filter(({ backend }) => backend === section.name).length + 1
  const identity = { backend: section.name, backendId: section.id, id, name }
  draft.servers.push({ ...identity, ...endpoint, ...checkOf(options), maintained: false, health: 'unknown' })
}

function unknownOption(options: readonly string[]): string | undefined {
  let at = 0
  for (let word = options[at]; word !== undefined; word = options[at]) {
    const following = SERVER_OPTIONS.get(word)
    if (following === undefined) return word
    at += 1 + following
  }
  return undefined
}

function checkOf(options: readonly string[]): Pick<Server, 'checked' | 'rise' | 'fall'> {
  const after = (word: string, otherwise: number): number => {
    const at = options.indexOf(word)
    return at < 0 ? otherwise : Number(options[at + 1])
  }
  return { checked: options.includes('check'), rise: after('rise', 2), fall: after('fall', 3) }
}
