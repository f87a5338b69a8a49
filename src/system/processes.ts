import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where programs are looked up unless the caller tells. */
export const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Ends a whole process group: a child of the program may hold its pipes open. */
export function endGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** The file that a program's name stands for, or undefined when there is none that may be run. */
export function findProgram(name: string, path: string): string | undefined {
  if (name.includes('/')) return runnable(name) ? name : undefined
  return path
    .split(':')
    .map((folder) => join(folder, name))
    .find(runnable)
}

function runnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
