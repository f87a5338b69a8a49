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
}
