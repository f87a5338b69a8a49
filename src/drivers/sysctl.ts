import type { Progress } from '../engine/apply.ts'
import type { Step } from '../engine/types.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** Writes settings one after the other, in the order of the steps. */
export async function sysctlDriver(
  steps: readonly Step[],
  system: System,
  stop?: AbortSignal,
): Promise<Progress> {
  const settings = steps.filter((step) => step.tool === 'sysctl')
  for (const [index, { name, value }] of settings.entries()) {
    if (stop?.aborted === true) return { done: index }
    try {
      await system.writeSysctl(name, value)
    } catch (error) {
      if (error instanceof SystemError) return { done: index, error }
      throw error
    }
  }
  return { done: settings.length }
}
