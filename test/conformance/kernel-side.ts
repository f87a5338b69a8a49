import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outcome } from './side.ts'
import type { Argv } from '../../src/engine/types.ts'
import type { Outcome, Side } from './side.ts'
import type { Step } from './step.ts'

interface Lab {
  readonly host: string
  readonly c1: string
  readonly router: string
}

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const directory = mkdtempSync(join(tmpdir(), 'memory-vs-kernel-'))
const made: string[] = []
let count = 0

/**
 * Namespaces of the kernel: one plays the host, with the upstream interface `up0` whose other end is in a second
 * one, and one is a container. Throws where they cannot be made.
 */
export function kernelSide(): Side {
  const base = `s64c-${process.pid}-${count++}`
  const lab = { host: `${base}h`, c1: `${base}c`, router: `${base}r` }
  for (const name of Object.values(lab)) {
    must(['netns', 'add', name])
    made.push(name)
  }
  must(['-n', lab.host, 'link', 'set', 'dev', 'lo', 'up'])
  const pair = `link add name up0 address 0a:00:00:00:00:01 up type veth peer name r netns ${lab.router}`
  must(['-n', lab.host, ...pair.split(' ')])
  must(['-n', lab.router, 'link', 'set', 'dev', 'r', 'up'])
  return {
    run: async (step) => run(lab, step),
    read: async (argv, stdin) => textOf(read(lab, argv, stdin)),
    readSysctl: async (name) =>
      textOf(within(lab, ['cat', `/proc/sys/${name}`])).then((text) => text.trimEnd()),
    c1: lab.c1,
  }
}

/** Deletes all namespaces that were made here, and the scripts. */
export function removeKernelSides(): void {
  for (const name of made.splice(0)) ip(['netns', 'delete', name])
  rmSync(directory, { recursive: true, force: true })
}

function ip(args: readonly string[], input = ''): Ended {
  return spawnSync('ip', args, { encoding: 'utf8', input, env: { ...process.env, LC_ALL: 'C' } })
}

function must(args: readonly string[]): void {
  const { status, stderr } = ip(args)
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}

function within(lab: Lab, command: readonly string[]): Ended {
  return ip(['netns', 'exec', lab.host, ...command])
}

function run(lab: Lab, step: Step): Outcome {
  const { status, stderr } = start(lab, step)
  return outcome(step, status ?? -1, stderr)
}

function start(lab: Lab, step: Step): Ended {
  if ('sysctl' in step) {
    return within(lab, ['sh', '-c', 'printf %s "$2" >"$1"', 'sh', `/proc/sys/${step.sysctl}`, step.value])
  }
  if ('nft' in step) return within(lab, ['nft', '-f', scriptFile(lab, step.nft)])
  const netns = step.in === undefined ? lab.host : lab.c1
  if ('batch' in step) return ip(['-n', netns, '-j', '-batch', scriptFile(lab, step.batch)])
  return ip(['-n', netns, ...named(lab, step.ip).split(' ')])
}

function scriptFile(lab: Lab, text: string): string {
  const path = join(directory, 'script')
  writeFileSync(path, named(lab, text))
  return path
}

function named(lab: Lab, text: string): string {
  return text.replaceAll(/\bnetns c1\b/g, `netns ${lab.c1}`)
}

function read(lab: Lab, [tool, ...args]: Argv, stdin: string | undefined): Ended {
  if (tool !== 'ip') return within(lab, [tool, ...args])
  return ip(args[0] === '-n' ? args : ['-n', lab.host, ...args], stdin)
}

function textOf({ status, stdout }: Ended): Promise<string> {
  return Promise.resolve(status === 0 ? stdout : `exit ${status ?? -1}`)
}
