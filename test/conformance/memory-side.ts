import { memoryHost } from '../../src/system/memory/seed.ts'
import { SystemError } from '../../src/system/errors.ts'
import { outcome } from './side.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'
import type { Side } from './side.ts'
import type { Step } from './step.ts'

/** A memory host with the upstream interface `up0` and the namespace `c1`. */
export function memorySide(): Side {
  const host = memoryHost({ upstream: 'up0', namespaces: ['c1'] })
  return {
    run: async (step) => {
      const error = await failureOf(runOn(host, step))
      return outcome(step, error === undefined ? 0 : (error.exitCode ?? -1), error?.detail ?? '')
    },
    read: async (argv, stdin) => textOf(host.query(argv, { ...(stdin !== undefined && { stdin }) })),
    readSysctl: async (name) => textOf(host.readSysctl(name)),
    c1: 'c1',
  }
}

async function runOn(host: MemoryHost, step: Step): Promise<unknown> {
  if ('sysctl' in step) return host.writeSysctl(step.sysctl, step.value)
  if ('nft' in step) return host.run(['nft', '-f'], step.nft)
  const inside = step.in === undefined ? [] : ['-n', step.in]
  if ('batch' in step) return host.run(['ip', ...inside, '-j', '-batch'], step.batch)
  return host.run(['ip', ...inside, ...step.ip.split(' ')])
}

async function textOf(reading: Promise<string>): Promise<string> {
  const error = await failureOf(reading)
  return error === undefined ? reading : `exit ${error.exitCode}`
}

async function failureOf(effect: Promise<unknown>): Promise<SystemError | undefined> {
  try {
    await effect
    return undefined
  } catch (error) {
    if (error instanceof SystemError) return error
    throw error
  }
}
