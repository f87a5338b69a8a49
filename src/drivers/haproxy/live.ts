import type { HaproxyStep } from '../../engine/types.ts'
import { parseLiveMap } from '../../formats/haproxy.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'
import { socketAt } from './ask.ts'

/** HAProxy takes lines of at most `tune.bufsize`, 16 kB. */
const LONGEST = 8_000

/** Whether the process can take all of the steps as it runs. */
export function canBeLive(steps: readonly HaproxyStep[]): boolean {
  return steps.every((step) => {
    if (step.op === 'entry') return /^[a-z0-9*.-]+$/i.test(step.host)
    return step.op === 'backend' && step.live !== undefined
  })
}

/** Tells the process, which keeps every connection. */
export async function runLive(steps: readonly HaproxyStep[], system: System): Promise<void> {
  const known = await liveKeys(steps, system)
  const commands = steps.flatMap((step) => commandsOf(step, known))
  for (const line of joined(commands)) {
    const answer = await system.exchange(socketAt(system, 'admin'), `${line}\n`)
    const refusal = answer.split('\n').find((words) => words !== '' && !SAID_OF_SUCCESS.test(words))
    if (refusal !== undefined) throw new SystemError({ code: 'other', subject: line, detail: refusal })
  }
}

const SAID_OF_SUCCESS = /^(IP changed|port changed|no need to change|nothing changed)/

async function liveKeys(steps: readonly HaproxyStep[], system: System): Promise<ReadonlySet<string>> {
  const maps = new Set(steps.flatMap((step) => (step.op === 'entry' ? [step.map] : [])))
  const keys = await Promise.all(
    [...maps].map(async (map) => {
      const text = await system.exchange(socketAt(system, 'admin'), `show map ${map}\n`)
      return parseLiveMap(text).map(({ key }) => `${map} ${key}`)
    }),
  )
  return new Set(keys.flat())
}

/** `add` would give a name a second time, `set` and `del` want it to be there. */
function commandsOf(step: HaproxyStep, known: ReadonlySet<string>): readonly string[] {
  if (step.op === 'backend' && step.live) {
    const { address, port } = step.live
    const server = `set server ${step.name}/s`
    return [`${server} addr ${address} port ${port}`, `${server} weight 100%`, `${server} state ready`]
  }
  if (step.op !== 'entry') return []
  const { map, host, to } = step
  const isKnown = known.has(`${map} ${host}`)
  if (to === undefined) return isKnown ? [`del map ${map} ${host}`] : []
  return [`${isKnown ? 'set' : 'add'} map ${map} ${host} ${to}`]
}

function joined(commands: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const command of commands) {
    const last = lines.at(-1)
    if (last === undefined || last.length + command.length > LONGEST) lines.push(command)
    else lines[lines.length - 1] = `${last};${command}`
  }
  return lines
}
