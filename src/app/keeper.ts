import type { Keeper, KeeperOptions } from './types.ts'
import { attach } from './attach.ts'
import { CONTROL_SOCKET } from './control-words.ts'
import { makePass } from './make-pass.ts'
import { keepLastGood, readLastGood } from './last-good.ts'
import { stateFiles } from './state-files.ts'
import { readTraffic } from './traffic.ts'
import { FRAME_TABLE, OWNED, TABLE } from '../model/identity.ts'
import { holding } from '../system/holding.ts'
import { measured } from '../system/measured.ts'
import { nftHolder } from '../system/nft-holder.ts'
import { nodeScripts, nodeSystem } from '../system/node.ts'
import type { System } from '../system/port.ts'
import { USUAL_PATH } from '../system/processes.ts'
import { readOnly } from '../system/read-only.ts'

/** The controller's view of the pipeline, on the real host. */
export function createKeeper({ told, lost, managed, ...options }: KeeperOptions): Keeper {
  const scripts = nodeScripts(options)
  const system = nodeSystem({ ...options, scripts, noticed: told })
  const holder = nftHolder({ path: options.path ?? USUAL_PATH, managed, scripts, lost, late: told })
  const held = holding(system, holder, takesHold)
  const beside = measured(held, told, { background: true })
  return keeperOn(measured(held, told), async () => holder.close(), beside)
}

/** Whether one of our tables is to have an owner from now on. */
function takesHold(script: string): boolean {
  return [TABLE, FRAME_TABLE].some((table) => script.includes(`add table ${table} { flags ${OWNED}; }`))
}

/** The same on any System; `beside` is for what is read outside of passes. */
export function keeperOn(
  system: System,
  close = async (): Promise<void> => undefined,
  beside: System = system,
): Keeper {
  const files = stateFiles(system.places.stateDir)
  return {
    lock: async (stop) => system.lock(stop),
    pass: async (model, request) => makePass(model, request, files, system),
    attach: async (model, attachment, guard) => attach(model, attachment, files, system, guard),
    controlSocket: `${system.places.runDir}/${CONTROL_SOCKET}`,
    readLastGood: async () => readLastGood(files.lastGood, system),
    keepLastGood: async (text) => keepLastGood(files.lastGood, text, system),
    traffic: async (model) => readTraffic(model, readOnly(beside)),
    readFile: async (file) => system.readFile(file),
    now: () => system.now(),
    monotonic: () => system.monotonic(),
    close,
  }
}
