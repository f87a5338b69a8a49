import { jsonText, visible } from '../../text/escape.ts'
import type { LogEntry, LogLevel } from './entry.ts'

export const LOG_FORMATS = ['text', 'journal', 'json'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** Priorities as the journal reads them at the begin of a line (sd-daemon(3), syslog(3)). */
const PRIORITY: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, info: 6, debug: 7 }

/**
 * The entry as one line, with its newline. `text`: time, level, message, fields; `journal`: with a priority, and
 * without a time, which the journal adds; `json`: an object. No text in it can end the line or repaint a terminal.
 */
export function logText(entry: LogEntry, format: LogFormat, at: Date): string {
  switch (format) {
    case 'text':
      return `${at.toISOString()} ${entry.level} ${words(entry)}\n`
    case 'journal':
      return `<${PRIORITY[entry.level]}>${words(entry)}\n`
    case 'json':
      return `${jsonLine(entry, at)}\n`
  }
}

function words({ message, fields }: LogEntry): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${quoted(String(value))}`)
  return [visible(message), ...pairs].join(' ')
}

/** In quotes where it would not be read as one value otherwise. */
function quoted(value: string): string {
  const shown = visible(value.replaceAll('\\', '\\\\'))
  return /^[^\s"=\\]+$/.test(shown) ? shown : `"${shown.replaceAll('"', '\\"')}"`
}

/** What every line has goes first, and before fields of the same name. */
function jsonLine({ level, event, message, fields }: LogEntry, at: Date): string {
  const common = { time: at.toISOString(), level, event, message }
  // JSON has newlines only between its tokens: inside of strings they are escaped.
  return jsonText({ ...common, ...fields, ...common }).replaceAll(/\n */g, '')
}
