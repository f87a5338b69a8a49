import type { Argv } from '../../src/engine/types.ts'
import type { Step } from './step.ts'

/** What became of a step: its exit code, and the line that says why. */
export interface Outcome {
  readonly step: string
  readonly exit: number
  readonly text: string
}

/** A host that takes steps and can be read: the memory host, or namespaces of the kernel. */
export interface Side {
  readonly run: (step: Step) => Promise<Outcome>
  /** Standard output; where the command fails, `exit N`. */
  readonly read: (argv: Argv, stdin?: string) => Promise<string>
  /** The value of an entry below /proc/sys; `exit N` where there is none. */
  readonly readSysctl: (name: string) => Promise<string>
  /** How the container's namespace is called on this side. */
  readonly c1: string
}

export function outcome(step: Step, exit: number, stderr: string): Outcome {
  return { step: textOf(step), exit, text: plain(stderr) }
}

function textOf(step: Step): string {
  if ('sysctl' in step) return `${step.sysctl}=${step.value}`
  if ('nft' in step) return step.nft
  return 'batch' in step ? step.batch : step.ip
}

/** The line that says why, without file names, positions and quoted lines of the script. */
function plain(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  const why = lines.find((line) => line !== '' && !line.startsWith('Warning')) ?? ''
  const failed = /Command failed \S+:(\d+)/.exec(stderr)
  return `${comparable(why)}${failed === null ? '' : ` line ${failed[1]}`}`
}

/** nft's parser names the grammar's own tokens, and it says variously whether it or the kernel missed a table. */
function comparable(why: string): string {
  return why
    .replace(/^\S+:\d+(:[\d-]+)?: /, '')
    .replace(/syntax error.*/, 'syntax error')
    .replace(/resolve hostname.*/, 'resolve hostname')
    .replace(/; did you mean.*|Could not process rule: /, '')
}
