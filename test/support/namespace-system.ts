import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { nodeSystem } from '../../src/system/node.ts'
import type { Argv } from '../../src/engine/types.ts'
import type { System } from '../../src/system/port.ts'

/**
 * The real kernel, seen from inside one named network namespace. Its files are below `directory`; nobody else takes
 * its lock. Programs are looked up in `programs`.
 */
export function namespaceSystem(name: string, directory: string, programs = process.env['PATH']): System {
  const folders = { stateDir: `${directory}/state`, runDir: `${directory}/run` }
  const real = nodeSystem({ ...folders, self: 'a test', path: programs })
  const enter = ['nsenter', `--net=/run/netns/${name}`] as const
  return {
    ...real,
    places: { ...folders, network: `${statSync(`/run/netns/${name}`).ino}` },
    query: async (argv, asked) =>
      entersOther(argv) ? real.query(argv, asked) : real.query([...enter, ...argv], asked),
    // `ip -n` leaves the namespace for another.
    run: async (argv, script, settings) =>
      entersOther(argv) ? real.run(argv, script, settings) : real.run([...enter, ...argv], script),
    // /proc/sys/net shows the namespace of the process that looks.
    readSysctl: async (path) => (await real.query([...enter, 'cat', `/proc/sys/${path}`])).replace(/\n$/, ''),
    writeSysctl: async (path, value) =>
      void (await real.query([...enter, 'tee', `/proc/sys/${path}`], { stdin: value })),
    exchange: async (to, request) => {
      if (typeof to === 'string') return real.exchange(to, request)
      return real.query([...enter, process.execPath, '-e', TALK, to.address, `${to.port}`], {
        stdin: request,
      })
    },
    lock: async () => ({ release: async () => undefined }),
  }
}

function entersOther([command, flag]: Argv): boolean {
  return command === 'ip' && flag === '-n'
}

/** A UNIX socket is the same in every network namespace, a TCP port is not. */
const TALK = `const socket = require('node:net').connect(process.argv[2], process.argv[1])
socket.on('error', ({ code }) => { console.error(code); process.exit(1) })
process.stdin.pipe(socket, { end: false })
socket.pipe(process.stdout)`

/** Ends every haproxy that was started with files below the directory. */
export function endProxies(directory: string): void {
  try {
    execFileSync('pkill', ['-KILL', '-f', `^haproxy .* -f ${directory}/`])
  } catch {
    // There was none.
  }
}
