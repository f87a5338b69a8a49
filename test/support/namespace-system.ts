import { nodeSystem } from '../../src/system/node.ts'
import type { System } from '../../src/system/port.ts'
import { failure } from './recording-system.ts'

/** The real kernel, seen from inside one named network namespace. Files live in memory; nobody else takes its lock. */
export function namespaceSystem(name: string, runDir: string): System {
  const real = nodeSystem({ runDir, self: 'a test', path: process.env['PATH'] })
  const enter = ['nsenter', `--net=/run/netns/${name}`] as const
  const files = new Map<string, string>()
  return {
    query: async (argv, stdin) => real.query([...enter, ...argv], stdin),
    run: async (argv, script) => real.run([...enter, ...argv], script),
    // /proc/sys/net shows the namespace of the process that looks.
    readSysctl: async (path) => (await real.query([...enter, 'cat', `/proc/sys/${path}`])).replace(/\n$/, ''),
    writeSysctl: async (path, value) =>
      void (await real.query([...enter, 'tee', `/proc/sys/${path}`], value)),
    readFile: async (path) => {
      const text = files.get(path)
      if (text === undefined) throw failure('not-found', 'No such file or directory', path)
      return text
    },
    writeFile: async (path, content) => void files.set(path, content),
    removeFile: async (path) => void files.delete(path),
    lock: async () => ({ release: async () => undefined }),
    now: () => real.now(),
  }
}
