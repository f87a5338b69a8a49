import type { Progress } from '../../engine/apply.ts'
import type { HaproxyStep, Step } from '../../engine/types.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'
import { editedFiles, readFiles, writeFiles } from './files.ts'
import { canBeLive, runLive } from './live.ts'
import { load } from './load.ts'
import { stop } from './process.ts'

/**
 * All steps as one change of the reverse proxy's files (file first, for what the process has in memory only is gone
 * with its next reload), then commands to the running process where they are enough, else one reload.
 */
export async function haproxyDriver(steps: readonly Step[], system: System): Promise<Progress> {
  try {
    await change(
      steps.filter((step) => step.tool === 'haproxy'),
      system,
    )
    return { done: steps.length }
  } catch (error) {
    if (error instanceof SystemError) return { done: 0, error }
    throw error
  }
}

async function change(steps: readonly HaproxyStep[], system: System): Promise<void> {
  if (steps.some(({ op }) => op === 'stop')) return remove(system)
  const files = editedFiles(await readFiles(system), steps)
  if (files['haproxy.cfg'] === '') throw nothingToLoad()
  if (!canBeLive(steps)) return load(files, system)
  await writeFiles(files, system)
  await runLive(steps, system)
}

/** The process first: its files are what it could be started with again. */
async function remove(system: System): Promise<void> {
  const { stateDir, runDir } = system.places
  await stop(system)
  await system.removeTree(`${stateDir}/proxy`)
  await system.removeTree(`${runDir}/proxy`)
}

/** Backends and names are of no use by themselves: what they belong to is held back, or in somebody's way. */
function nothingToLoad(): SystemError {
  return new SystemError({
    code: 'other',
    subject: 'haproxy.cfg',
    detail: 'there is none that could be loaded',
  })
}
