import { SystemError } from './errors.ts'
import type { Argv } from '../engine/types.ts'
import type { System } from './port.ts'

/**
 * A System that cannot change anything: what `plan` runs on. Reads pass through; a query passes only if its argv is
 * one of the reading forms known here. Everything else rejects with `read-only` and names the command.
 */
export function readOnly(system: System): System {
  return {
    places: system.places,
    query: async (argv, asked) =>
      reads(argv, asked?.stdin) ? system.query(argv, asked) : refuse(argv.join(' ')),
    run: async (argv) => refuse(argv.join(' ')),
    readSysctl: (name) => system.readSysctl(name),
    writeSysctl: async (name) => refuse(`/proc/sys/${name}`),
    readFile: (path) => system.readFile(path),
    readLink: (path) => system.readLink(path),
    writeFile: async (path) => refuse(path),
    removeFile: async (path) => refuse(path),
    removeTree: async (path) => refuse(path),
    makeDirectory: async (path) => refuse(path),
    exchange: async (to, request) =>
      asks(request)
        ? system.exchange(to, request)
        : refuse(`say to ${JSON.stringify(to)}: ${request.trim()}`),
    lock: async () => refuse('the lock'),
    scriptFault: async () => refuse('a script'),
    now: () => system.now(),
    monotonic: () => system.monotonic(),
    pause: async (milliseconds) => system.pause(milliseconds),
  }
}

function refuse(subject: string): never {
  throw new SystemError({ code: 'read-only', subject, detail: 'refused: this run only reads' })
}

function reads([tool, ...args]: Argv, stdin: string | undefined): boolean {
  if (tool === 'ip') return ipReads(args, stdin)
  if (tool === 'nft') return nftReads(args) || nftChecks(args)
  if (tool === 'ss' || tool === 'ps') return !args.some((arg) => /^-\w*K|^--kill/.test(arg))
  if (tool === 'systemctl') return args[0] === 'show'
  if (tool === 'haproxy') return args.join(' ') === '-v'
  if (tool in RUNTIMES) return RUNTIMES[tool]?.test(args.join(' ')) === true
  return tool === 'conntrack' && args[0] === '-L' && !args.includes('-D')
}

/** What runtimes are asked (runtimes/): each form as it is, names of containers apart. */
const RUNTIMES: Readonly<Record<string, RegExp>> = {
  'lxc-info': /^(-P \/\S+ )?-n \w[\w.-]* -H -s -p$/,
  docker: /^--context default container inspect( \w[\w.-]*)+$/,
  podman: /^container inspect( \w[\w.-]*)+$/,
  incus: /^list local: --project default --format json$/,
  machinectl: /^show \w[\w.-]* -p Name -p Leader -p State$/,
}

const IP_FLAGS = new Set(['-N', '-j', '-d', '-4', '-6', '-s'])

function ipReads(args: readonly string[], stdin: string | undefined): boolean {
  let at = 0
  while (at < args.length) {
    const arg = args[at] ?? ''
    if (arg === '-n') at += 2
    else if (IP_FLAGS.has(arg)) at += 1
    else break
  }
  const rest = args.slice(at)
  if (rest[0] !== '-batch') return showsOnly(rest)
  const lines = (stdin ?? '').split('\n').filter((line) => line.trim() !== '')
  return rest.length === 2 && rest[1] === '-' && lines.every((line) => showsOnly(line.trim().split(/\s+/)))
}

const OBJECTS = new Set(['addr', 'address', 'link', 'route', 'neigh', 'netns'])

/** `OBJECT show ...` in full words only: ip takes abbreviations, this list does not. */
function showsOnly([object = '', verb = '']: readonly string[]): boolean {
  return OBJECTS.has(object) && (verb === 'show' || (object === 'netns' && verb === 'list'))
}

/** `nft -j ... list ...`; a `;` would start a second statement. */
function nftReads(args: readonly string[]): boolean {
  const at = args.findIndex((arg) => !/^-[jns]$/.test(arg))
  const statement = at < 0 ? '' : args.slice(at).join(' ')
  return args.slice(0, Math.max(at, 0)).includes('-j') && /^list [^;{}\n]+$/.test(statement)
}

/** `nft -c STATEMENT` tells whether it could be done, and does nothing. */
function nftChecks(args: readonly string[]): boolean {
  return (
    args.length === 2 &&
    args[0] === '-c' &&
    /^add table (inet|bridge) [\w-]+ \{ [\w\s,.;@{}-]+ \}$/.test(args[1] ?? '')
  )
}

/** What a command line or a web server is only asked: one line of `show` and `get` commands. */
function asks(request: string): boolean {
  const lines = request.trimEnd().split('\n')
  return (
    lines.length === 1 && (lines[0] ?? '').split(';').every((said) => /^ *(show|get) [\w .#-]+$/.test(said))
  )
}
