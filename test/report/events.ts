import type { PassResult } from '../../src/app/types.ts'
import type { FileEvent, PassEvent } from '../../src/controller/types.ts'
import { model, world } from '../support/model.ts'
import { pass } from './samples.ts'

/** The time at which everything in these tests happens (s). */
export const AT = 1_795_488_011.123

export function at(seconds = AT): Date {
  return new Date(seconds * 1000)
}

/** A pass of the controller; by default one that found nothing to do. */
export function passEvent(
  parts: Partial<Omit<PassEvent, 'pass'>> & { readonly pass?: Partial<PassResult> } = {},
): PassEvent {
  return {
    type: 'pass',
    trigger: 'interval',
    whole: true,
    result: 'noop',
    phases: { observe: 0.02 },
    contended: [],
    left: { contended: 0, failing: 0 },
    problems: [],
    reads: [],
    dueIn: 30_000,
    at: at(),
    ...parts,
    pass: { ...pass(), facts: world().facts, ...parts.pass },
  }
}

/** The file was read, and is fine. */
export function fileEvent(seconds = AT): FileEvent {
  return { type: 'file', name: 'network.yaml', at: at(seconds), valid: true, model: model() }
}

/** The file was read, and is not. */
export function faultyFileEvent(
  parts: Partial<FileEvent & { readonly valid: false }> = {},
): FileEvent & { readonly valid: false } {
  const head = 'network.yaml:2:1: error[S64-C002]: unknown key "prefx"'
  return {
    type: 'file',
    name: 'network.yaml',
    at: at(),
    valid: false,
    text: `${head}\n   1 | a: b\n   2 | prefx:\n     | ^^^^^ did you mean "prefix"?\n`,
    problem: { code: 'S64-C002', message: 'unknown key "prefx"' },
    inUse: 'last-good',
    ...parts,
  }
}
