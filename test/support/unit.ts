import { join } from 'node:path'
import { mustRun } from '../lab/process.ts'

const PROGRAM = join(process.cwd(), 'dist/slash64.cjs')
const STARTS = 5

/**
 * Milliseconds that one start of the program takes on this machine now: the median of five. It is processor time as all that
 * is measured here is, some 50 ms where nothing else runs, and many times that beside others.
 */
export async function unit(): Promise<number> {
  const times: number[] = []
  for (let start = 0; start < STARTS; start += 1)
    times.push(await millisecondsOf(async () => mustRun([process.execPath, PROGRAM, '--version'])))
  return times.toSorted((one, other) => one - other)[Math.floor(STARTS / 2)] ?? Number.NaN
}

/**
 * How many starts of the program (`unit`) an effect takes. They are measured before it and after it, and the longer ones
 * count: a machine that gets busy meanwhile is no fault of what is measured.
 */
export async function unitsOf(effect: () => Promise<unknown>): Promise<number> {
  const before = await unit()
  const time = await millisecondsOf(effect)
  return time / Math.max(before, await unit())
}

export async function millisecondsOf(effect: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await effect()
  return performance.now() - begun
}

/** Microseconds of processor time of this process: what others use the processors for is no part of it. */
export function processorTimeOf(effect: () => unknown): number {
  const begun = process.cpuUsage()
  effect()
  const { user, system } = process.cpuUsage(begun)
  return user + system
}
