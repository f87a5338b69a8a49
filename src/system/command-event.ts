import type { Argv } from '../engine/types.ts'

/** The programs that are told apart. A fixed set: it is a label of metrics. */
export const TOOLS = ['ip', 'nft', 'conntrack', 'haproxy', 'other'] as const
export type Tool = (typeof TOOLS)[number]

/** One program that was run, or one exchange over a socket. */
export interface CommandEvent {
  readonly type: 'command'
  readonly tool: Tool
  readonly seconds: number
  /** That what was asked for is not there is an answer, not a failure. */
  readonly ok: boolean
  /** It was run beside the passes, for a page that somebody asked for: no sign that the work itself goes on. */
  readonly background?: true
  /** It was given up: what was seen of it before it was killed, a line for each thread (SystemError). */
  readonly evidence?: readonly string[]
  /** The command, where there is evidence. */
  readonly command?: string
}

/** A program that was run, or an exchange, that ended well, but after its deadline: the machine is busy. */
export interface LateEvent {
  readonly type: 'late'
  readonly tool: Tool
  readonly command: string
  /** From its start on, without the time for which it stood in line for it. */
  readonly seconds: number
  /** Its deadline, in seconds. */
  readonly allowed: number
}

export function toolOf([command]: Argv): Tool {
  return TOOLS.find((tool) => tool === command) ?? 'other'
}

/** Undefined: it was in time. `deadline` in milliseconds. */
export function lateEvent(command: Argv, seconds: number, deadline: number): LateEvent | undefined {
  if (seconds * 1000 <= deadline) return undefined
  return {
    type: 'late',
    tool: toolOf(command),
    command: command.join(' '),
    seconds: Math.round(seconds * 1000) / 1000,
    allowed: deadline / 1000,
  }
}
