import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Request } from './agent-protocol.ts'
import { inNamespace } from './process.ts'

/** One agent, running inside one namespace. */
export interface Agent {
  /** Resolves to the agent's answer; rejects if it could not do what was asked, or has ended. */
  readonly call: (request: Request) => Promise<string>
  readonly stop: () => void
}

interface Waiting {
  readonly resolve: (result: string) => void
  readonly reject: (error: Error) => void
}

/** Starts `dist/lab-agent.cjs` in the namespace. It ends with `stop`, and with this process. */
export function startAgent(namespace: string, bundle: string): Agent {
  const [command = '', ...args] = inNamespace(namespace, [process.execPath, bundle])
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = new Map<number, Waiting>()
  let [counter, said] = [0, '']
  const fail = (): void => {
    for (const one of waiting.values()) one.reject(new Error(`the agent in ${namespace} ended: ${said}`))
    waiting.clear()
  }
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  child.on('error', fail).on('close', fail)
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stdout }).on('line', (line) => settle(line, waiting))
  return {
    call: async (request) =>
      new Promise((resolve, reject) => {
        counter += 1
        waiting.set(counter, { resolve, reject })
        child.stdin.write(`${JSON.stringify({ id: counter, ...request })}\n`)
      }),
    stop: () => child.stdin.end(),
  }
}

function settle(line: string, waiting: Map<number, Waiting>): void {
  const reply: { id: number; result?: string; error?: string } = JSON.parse(line)
  const one = waiting.get(reply.id)
  waiting.delete(reply.id)
  if (reply.result === undefined) one?.reject(new Error(reply.error))
  else one?.resolve(reply.result)
}

let numbers = 0

/** A number that names one stream or load of an agent; none is given twice. */
export function nextNumber(): number {
  numbers += 1
  return numbers
}
