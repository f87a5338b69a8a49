import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from '../process.ts'

/** Debian's busybox-static. */
export const BUSYBOX = '/bin/busybox'
const FOLDERS = ['bin', 'dev', 'etc', 'proc', 'root', 'run', 'sys', 'tmp', 'usr', 'var']

/** Makes a directory the root of a container: BusyBox under all of its names, `/etc/os-release`, and nothing else. */
export async function makeRootfs(directory: string): Promise<void> {
  if (!existsSync(BUSYBOX)) throw new Error(`${BUSYBOX} is missing: apt-get install busybox-static`)
  for (const folder of FOLDERS) mkdirSync(join(directory, folder), { recursive: true })
  copyFileSync(BUSYBOX, join(directory, 'bin/busybox'))
  const names = (await mustRun([BUSYBOX, '--list'])).trim().split('\n')
  for (const name of names) if (name !== 'busybox') symlinkSync('busybox', join(directory, 'bin', name))
  writeFileSync(join(directory, 'etc/os-release'), 'ID=busybox\n')
}

/** Writes an executable shell script. */
export function writeScript(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}`)
  chmodSync(path, 0o755)
}
