/** In order of weight. A fixed set: it is a label of metrics. */
export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** One line of the log, as data. */
export interface LogEntry {
  readonly level: LogLevel
  /** What happened, as one fixed word or two: `change`, `problem`, `monitor-down`. */
  readonly event: string
  readonly message: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}
