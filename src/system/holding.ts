import { PLAIN_PATH } from './nft-holder.ts'
import type { NftHolder } from './nft-holder.ts'
import type { System } from './port.ts'

/**
 * The same System, whose firewall transactions go through the holder: from the first one on that gives our table an
 * owner (`takesHold`), as long as it lives. Everything else passes through.
 */
export function holding(system: System, holder: NftHolder, takesHold: (script: string) => boolean): System {
  if (!PLAIN_PATH.test(system.places.runDir)) return system
  return {
    places: { ...system.places, holdsFirewall: true },
    query: async (argv, asked) => system.query(argv, asked),
    run: async (argv, script, settings) => {
      const isTransaction = argv.join(' ') === 'nft -f'
      if (script === undefined || !isTransaction) return system.run(argv, script, settings)
      if (!holder.isAlive() && !takesHold(script)) return system.run(argv, script)
      await holder.run(script)
      return ''
    },
    readSysctl: async (name) => system.readSysctl(name),
    writeSysctl: async (name, value) => system.writeSysctl(name, value),
    readFile: async (path) => system.readFile(path),
    readLink: async (path) => system.readLink(path),
    writeFile: async (path, content) => system.writeFile(path, content),
    removeFile: async (path) => system.removeFile(path),
    removeTree: async (path) => system.removeTree(path),
    makeDirectory: async (path, mode) => system.makeDirectory(path, mode),
    exchange: async (to, request) => system.exchange(to, request),
    lock: async (stop) => system.lock(stop),
    scriptFault: async () => system.scriptFault(),
    now: () => system.now(),
    monotonic: () => system.monotonic(),
    pause: async (milliseconds) => system.pause(milliseconds),
  }
}
