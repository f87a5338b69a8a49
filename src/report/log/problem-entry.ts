import type { Problem } from '../../engine/types.ts'
import { singleLine } from '../problems.ts'
import type { LogEntry, LogLevel } from './entry.ts'

/** A problem as one line: its code, what it is about, and the way out. */
export function problemEntry(
  event: string,
  { code, message, hint, resource, path }: Problem,
  more: LogEntry['fields'] = {},
  level: LogLevel = 'error',
): LogEntry {
  const fields = {
    code,
    ...(resource !== undefined && { resource }),
    ...(path !== undefined && { path: path.join('.') }),
    ...more,
    ...(hint !== undefined && { hint }),
  }
  return { level, event, message: singleLine(message), fields }
}
