import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import type { Argv } from '../../src/engine/types.ts'
import { PATIENCE } from '../lab/process.ts'

/** A network namespace that nobody else uses, and that is gone with the process that holds it. */
export interface NetRoom {
  /** The command, as it runs inside. */
  readonly inside: (...argv: Argv) => Argv
  readonly run: (argv: Argv, input?: string) => string
  readonly close: () => void
}

export async function netRoom(): Promise<NetRoom> {
  const holder = spawn('sh', ['.ci/enter', 'sh', '-c', 'echo ready; exec cat'], {
    // It ends with its input, which is when this process ends, however that is.
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await ready(holder)
  const user = (pid: number | string): string => readlinkSync(`/proc/${pid}/ns/user`)
  const foreign = user('self') === user(holder.pid ?? 0) ? [] : ['-U', '--preserve-credentials']
  const inside = (...argv: Argv): Argv => ['nsenter', '-t', `${holder.pid}`, '-n', ...foreign, ...argv]
  return {
    inside,
    run: (argv, input = '') => {
      const [command, ...args] = inside(...argv)
      return execFileSync(command, args, { input, encoding: 'utf8', timeout: PATIENCE })
    },
    close: () => void holder.kill('SIGKILL'),
  }
}

async function ready({ stdout }: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout?.once('data', () => resolve())
    stdout?.once('end', () => reject(new Error('a network namespace could not be made')))
  })
}
