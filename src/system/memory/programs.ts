import { runContainer } from './containers.ts'
import { askRuntime } from './runtimes.ts'
import { listProcesses, runHaproxy, runKill } from './haproxy/process.ts'
import { listAllSockets, listSockets } from './haproxy/binds.ts'
import { notModelled, ToolFailure } from './fail.ts'
import { SystemError } from '../errors.ts'
import type { World } from './state.ts'

/** Every program but ip and nft. `before` is told of a change, and may refuse it. */
export function runProgram(
  world: World,
  tool: string,
  args: readonly string[],
  before: (change: string) => void,
): string {
  if (tool === 'conntrack') return conntrack(args, before)
  if (tool === 'ss') return sockets(world, args)
  const answer = askRuntime(world, tool, args)
  if (answer !== undefined) return answer
  if (tool === 'container') return runContainer(world, args, before)
  if (tool === 'ps') return processes(world, args)
  if (tool === 'kill') {
    runKill(world, args, before)
    return ''
  }
  if (tool === 'haproxy' && world.proxy.version !== undefined) return runHaproxy(world, args, before)
  throw new SystemError({ code: 'missing-tool', subject: tool, detail: 'no such program' })
}

function sockets(world: World, args: readonly string[]): string {
  const words = args.join(' ')
  // No connections are modelled, and no sockets of UDP.
  if (words === '-H -tnp state established') return ''
  if (words === '-H -lntu' || words === '-H -lntup') return listAllSockets(world)
  const [filter = '', ...rest] = args.slice(2)
  const known = /^\( sport = :\d+(?: or sport = :\d+)* \)$/.test(filter)
  if (args[0] !== '-H' || args[1] !== '-ltnp' || !known || rest.length > 0) {
    throw notModelled(`ss ${args.join(' ')}`)
  }
  return listSockets(world, (filter.match(/\d+/g) ?? []).map(Number))
}

function processes(world: World, args: readonly string[]): string {
  if (args.join(' ') === '-e -o pid=,ppid=') return ''
  if (args.join(' ') !== '-ww -o pid=,netns=,args= -p 1 -C haproxy') throw notModelled(`ps ${args.join(' ')}`)
  return listProcesses(world)
}

/** No flows are modelled: nothing is listed, and a deletion finds nothing, which conntrack answers with exit 1. */
function conntrack(args: readonly string[], before: (change: string) => void): string {
  if (args[0] === '-L') return ''
  if (args[0] !== '-D') throw notModelled(`conntrack ${args.join(' ')}`)
  before(`conntrack ${args.join(' ')}`)
  throw new ToolFailure('conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.', 1, true)
}
