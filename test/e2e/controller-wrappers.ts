import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab/lab.ts'

/** The environment in which a tool does some lines of shell before its own work. */
export function slowed(lab: Lab, tool: string, lines: string): Readonly<Record<string, string>> {
  const folder = join(lab.directory, 'bin')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, tool)
  const path = process.env['PATH'] ?? ''
  // Without our folder, else it would find itself.
  writeFileSync(file, `#!/bin/sh\nPATH='${path}'\n${lines}\nexec ${tool} "$@"\n`)
  chmodSync(file, 0o755)
  return { PATH: `${folder}:${path}` }
}

/** The tool is its plain self again, for programs that are started from now on. */
export function unslowed(lab: Lab, tool: string): void {
  rmSync(join(lab.directory, 'bin', tool))
}

/** Whether a process works still; one that nobody has asked how it ended does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
