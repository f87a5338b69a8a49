import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Argv, Netns, Setting } from '../engine/types.ts'
import { SystemError } from './errors.ts'

/** Where iproute2 keeps named network namespaces (NETNS_RUN_DIR). */
const NAMESPACES = '/var/run/netns'

/** `@PID/INODE`, in a script behind `netns`. */
const OF_PROCESS = /(?<=\bnetns )@\d+\/\d+/g

/** A command, and the script that it is given, with every namespace in words that the program understands. */
export interface Entered {
  readonly argv: Argv
  readonly script: string
}

/**
 * Runs `use` while the namespaces that the command and its script name cannot become others: those of processes are held
 * open, and named by our own descriptor. Rejects with `not-found` where a process has ended, or is in another by now.
 */
export async function entering<T>(
  argv: Argv,
  script: string,
  use: (entered: Entered) => Promise<T>,
): Promise<T> {
  const named = enteredBy(argv)
  const words = [...(script.match(OF_PROCESS) ?? []), ...(named?.startsWith('@') ? [named] : [])]
  const held = new Map<Netns, FileHandle>()
  try {
    for (const word of new Set(words)) held.set(word, await hold(word))
    const pathOf = (word: Netns): string => {
      const handle = held.get(word)
      return handle === undefined ? `${NAMESPACES}/${word}` : `/proc/${process.pid}/fd/${handle.fd}`
    }
    return await use({
      argv: named === undefined ? argv : throughNsenter(argv, pathOf(named)),
      script: script.replaceAll(OF_PROCESS, pathOf),
    })
  } finally {
    for (const handle of held.values()) await handle.close()
  }
}

function enteredBy([command, flag, name]: Argv): Netns | undefined {
  return command === 'ip' && flag === '-n' ? name : undefined
}

/**
 * `ip -n NAME` would make a mount namespace and mount /sys in it, for which nothing here has a use: nsenter only enters
 * the network, which is quicker and needs fewer rights. People are told the form that they know.
 */
function throughNsenter([command, , , ...rest]: Argv, path: string): Argv {
  return ['nsenter', `--net=${path}`, '--', command, ...rest]
}

/** nsfs gives every namespace an inode of its own while it lives (namespaces(7)). */
async function hold(word: Netns): Promise<FileHandle> {
  const [pid = '', inode = ''] = word.slice(1).split('/')
  const path = `/proc/${pid}/ns/net`
  try {
    const handle = await open(path)
    if (`${(await handle.stat()).ino}` === inode) return handle
    await handle.close()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ESRCH') throw unreadable(path, error)
  }
  throw new SystemError({ code: 'not-found', subject: path, detail: 'the container has ended meanwhile' })
}

function unreadable(path: string, error: unknown): SystemError {
  const isDenied = ['EACCES', 'EPERM'].includes(codeOf(error))
  return new SystemError({ code: isDenied ? 'denied' : 'other', subject: path, detail: codeOf(error) })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** The shell becomes the program: one process. A path below /proc/sys is shown by the namespace of who opens it. */
const READ =
  'while [ "$1" != -- ]; do v=; { read -r v <"/proc/sys/$1"; } 2>/dev/null; printf "%s\\n" "$v"; shift; done; shift; exec "$@"'
const WRITE =
  'while [ "$1" != -- ]; do printf %s "$2" >"/proc/sys/$1" || exit 1; shift 2; done; shift; exec "$@"'

/** The command, which first prints the values of these settings of the namespace that it enters. */
export function printing(argv: Argv, settings: readonly string[] = []): Argv {
  return settings.length === 0 ? argv : throughShell(argv, READ, settings)
}

/** The command, before which these settings of the namespace that it enters are written. */
export function writing(argv: Argv, settings: readonly Setting[] = []): Argv {
  const words = settings.flatMap(({ name, value }) => [name, value])
  return words.length === 0 ? argv : throughShell(argv, WRITE, words)
}

function throughShell(argv: Argv, script: string, words: readonly string[]): Argv {
  const at = argv.indexOf('--')
  const [enter, command] = [argv.slice(0, at + 1), argv.slice(at + 1)]
  const [first = 'sh', ...rest] = [...enter, 'sh', '-c', script, 'sh', ...words, '--', ...command]
  return [first, ...rest]
}
