import { changeByLine, objectOf, verbOf } from './ip-lines.ts'
import { deviceOf, garbage, numberOf, splitLine, wordsOf } from './ip-words.ts'
import { linkJson, proxyJson, routeList } from './ip-json.ts'
import { notModelled, ToolFailure, usageError } from './fail.ts'
import type { Family } from './inet.ts'
import type { IpFormat } from './ip-json.ts'
import { namespaceOf } from './state.ts'
import type { Netns, World } from './state.ts'
import type { Words } from './ip-words.ts'

interface IpOptions extends IpFormat {
  readonly netns: string | undefined
  readonly json: boolean
  readonly family: Family | undefined
  readonly batch: boolean
  readonly rest: readonly string[]
}

/** Called with each command before it changes anything; it may throw. */
export type BeforeChange = (command: string) => void

/** Runs one `ip ...` command; with `-batch`, its lines are in `script`. Returns stdout. */
export function runIp(
  world: World,
  args: readonly string[],
  script: string | undefined,
  before: BeforeChange,
): string {
  const options = readOptions(args)
  const netns = netnsOf(world, options.netns)
  const shown = options.netns === undefined ? 'ip' : `ip -n ${options.netns}`
  if (!options.batch)
    return runLine(world, netns, options, options.rest, `${shown} ${options.rest.join(' ')}`, before)
  let output = ''
  for (const [index, line] of (script ?? '').split('\n').entries()) {
    const words = splitLine(line)
    if (words.length === 0) continue
    output += inBatch(index + 1, () =>
      runLine(world, netns, options, words, `${shown} ${line.trim()}`, before),
    )
  }
  return output
}

/** Errors inside a batch: most end it with exit 1 and the line's number, some end ip itself. */
function inBatch(line: number, run: () => string): string {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof ToolFailure) || error.aborts) throw error
    throw new ToolFailure(`${error.message}\nCommand failed script:${line}`, 1, false)
  }
}

/** The namespace that a command runs in. */
export function enteredBy(world: World, [tool, flag, name]: readonly string[]): Netns {
  return netnsOf(world, tool === 'ip' && flag === '-n' ? name : undefined)
}

function netnsOf(world: World, name: string | undefined): Netns {
  if (name === undefined) return world.host
  const netns = namespaceOf(world, name)
  if (netns === undefined)
    throw usageError(`Cannot open network namespace "${name}": No such file or directory`)
  return netns
}

const FLAGS: Readonly<Record<string, Partial<IpOptions>>> = {
  '-N': { numeric: true },
  '-Numeric': { numeric: true },
  '-j': { json: true },
  '-json': { json: true },
  '-d': { details: true },
  '-details': { details: true },
  '-4': { family: 4 },
  '-6': { family: 6 },
}

function readOptions(args: readonly string[]): IpOptions {
  let options: IpOptions = {
    netns: undefined,
    json: false,
    numeric: false,
    details: false,
    family: undefined,
    batch: false,
    rest: [],
  }
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '-n' || arg === '-netns') options = { ...options, netns: args[++at] }
    else if (arg === '-b' || arg === '-batch') return { ...options, batch: true }
    else if (arg in FLAGS) options = { ...options, ...FLAGS[arg] }
    else if (arg.startsWith('-')) throw usageError(`Option "${arg}" is unknown, try "ip -help".`)
    else return { ...options, rest: args.slice(at) }
  }
  throw usageError('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }')
}

function runLine(
  world: World,
  netns: Netns,
  options: IpOptions,
  line: readonly string[],
  command: string,
  before: BeforeChange,
): string {
  const [object = '', verb = 'show', ...rest] = line
  if (verbOf(verb, objectOf(object)) === 'show') return show(world, netns, options, object, rest)
  before(command)
  changeByLine(world, netns, options.family, wordsOf(line))
  return ''
}

function show(
  world: World,
  netns: Netns,
  options: IpOptions,
  object: string,
  rest: readonly string[],
): string {
  if (!options.json) throw notModelled('text output of ip; use -j')
  const list = listOf(world, netns, options, objectOf(object), wordsOf(rest))
  return `${JSON.stringify(list)}\n`
}

function listOf(
  world: World,
  netns: Netns,
  options: IpOptions,
  object: string,
  words: Words,
): readonly unknown[] {
  if (object === 'netns') return [...world.named.keys()].toSorted().map((name) => ({ name }))
  if (object === 'route') return showRoutes(netns, options, words)
  if (object === 'neighbour') return showProxies(netns, options, words)
  const device = words.accept('dev') ? words.next() : words.peek() === undefined ? undefined : words.next()
  if (words.peek() !== undefined) garbage(words.next())
  const links = device === undefined ? [...netns.links.values()] : [deviceOf(netns, device)]
  return links.map((link) => linkJson(netns, link, options, object === 'address'))
}

function showProxies(netns: Netns, options: IpOptions, words: Words): readonly unknown[] {
  if (!words.accept('proxy')) throw notModelled('neigh show without proxy')
  const device = words.accept('dev') ? deviceOf(netns, words.next()) : undefined
  return netns.proxies
    .filter(
      ({ address, link }) =>
        (options.family ?? address.family) === address.family && (device ?? link) === link,
    )
    .map((proxy) => proxyJson(proxy, options))
}

function showRoutes(netns: Netns, options: IpOptions, words: Words): readonly unknown[] {
  let all = false
  let device: string | undefined
  let protocol: number | undefined
  while (words.peek() !== undefined) {
    if (words.accept('table')) all = tableOf(words.next()) === 'all'
    else if (words.accept('dev')) device = deviceOf(netns, words.next()).name
    else if (words.accept('proto', 'protocol')) protocol = numberOf(words.next(), 'protocol')
    else garbage(words.next())
  }
  const both: readonly Family[] = all ? [4, 6] : [4]
  const list = routeList(netns, options.family === undefined ? both : [options.family], options, all)
  return list.filter(
    (route) =>
      (device ?? route['dev']) === route['dev'] &&
      (protocol === undefined || route['protocol'] === `${protocol}`),
  )
}

function tableOf(word: string): 'main' | 'all' {
  if (word === 'all') return 'all'
  if (word === 'main' || word === '254') return 'main'
  throw notModelled(`route show table ${word}`)
}
