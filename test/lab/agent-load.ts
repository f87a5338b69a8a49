import { setTimeout as pause } from 'node:timers/promises'
import type { LoadOrder, LoadReport, LoadVisit, Outcome } from './agent-protocol.ts'
import { visit } from './agent-visit.ts'

interface Running {
  readonly done: Promise<unknown>
  readonly report: () => LoadReport
  stop: boolean
}

const loads = new Map<number, Running>()
const TOLD = 10

/** Starts the workers; they end when they are told to, or at the order's bounds of time and count. */
export function startLoad(load: number, order: LoadOrder): string {
  const [failed, end]: [string[], number] = [[], Date.now() + order.maxMs]
  let [requests, failures] = [0, 0]
  const started = performance.now()
  const work = async (worker: number): Promise<void> => {
    for (let round = worker; !running.stop && Date.now() < end && requests < order.maxRequests; round += 1) {
      const next = order.visits[round % order.visits.length]
      if (next === undefined) return
      requests += 1
      const at = performance.now()
      const fault = faultOf(next, await visit(next))
      if (fault !== undefined) {
        failures += 1
        const times = `at ${Math.round(at - started)} ms, after ${Math.round(performance.now() - at)} ms`
        if (failed.length < TOLD) failed.push(`${fault} ${times}`)
      }
      await pause(order.pauseMs)
    }
  }
  const running: Running = {
    stop: false,
    done: Promise.resolve(),
    report: () => ({ requests, failures, failed }),
  }
  const done = Promise.all(Array.from({ length: order.workers }, async (_, worker) => work(worker)))
  loads.set(load, Object.assign(running, { done }))
  return 'started'
}

/** Waits for the requests that are on their way, or for all that were ordered. */
export async function stopLoad(load: number, whole: boolean): Promise<LoadReport> {
  const running = loads.get(load)
  if (running === undefined) throw new Error(`there is no load ${load}`)
  running.stop = !whole
  await running.done
  loads.delete(load)
  return running.report()
}

function faultOf(
  { host, port, expected }: LoadVisit,
  { outcome, status, body = '' }: Outcome,
): string | undefined {
  if (outcome === 'answered' && status === 200 && body.startsWith(expected)) return undefined
  return `${host} port ${port}: ${outcome} ${status ?? ''} ${body.slice(0, 80)}`
}
