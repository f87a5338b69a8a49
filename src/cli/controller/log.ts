import type { ControllerEvent } from '../../controller/types.ts'
import { createEntries } from '../../report/log/entries.ts'
import type { LogEntry, LogLevel } from '../../report/log/entry.ts'
import { createRepeats } from '../../report/log/repeats.ts'
import { logText, type LogFormat } from '../../report/log/text.ts'
import type { Context, ControllerParts } from '../context.ts'

export interface Log {
  /** What an event is worth, as lines. */
  readonly record: (event: ControllerEvent) => void
  readonly write: (entry: LogEntry) => void
  /** Why there will be no controller: to people as every command tells it, else as lines of the log. */
  readonly refusal: (text: string, code: string) => void
  /** Is told of each line that was written. */
  readonly onLine: (call: (level: LogLevel) => void) => void
}

/** The log, on standard error; quiet: errors and warnings only. The same trouble is told once a minute. */
export function startLog({ args, io }: Context, parts: ControllerParts): Log {
  const format = formatOf(args.logFormat, parts.isJournal(2, io.environment['JOURNAL_STREAM']))
  const [entries, pass] = [createEntries(), createRepeats()]
  let counted: (level: LogLevel) => void = () => undefined
  const tell = (entry: LogEntry): void => {
    if (args.quiet && (entry.level === 'info' || entry.level === 'debug')) return
    counted(entry.level)
    io.stderr.write(logText(entry, format, parts.now()))
  }
  const write = (entry: LogEntry): void => pass(entry, parts.monotonic()).forEach(tell)
  return {
    // A file is told of when it changed only, and the same fault after it was mended is news.
    record: (event) => entries(event).forEach(event.type === 'file' ? tell : write),
    write,
    refusal: (text, code) => {
      if (format === 'text') io.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
      else
        for (const message of headsOf(text))
          tell({ level: 'error', event: 'refusal', message, fields: { code } })
    },
    onLine: (call) => {
      counted = call
    },
  }
}

function formatOf(wanted: 'auto' | LogFormat, isJournal: boolean): LogFormat {
  if (wanted !== 'auto') return wanted
  return isJournal ? 'journal' : 'text'
}

/** The first line of each fault; what is indented explains it to people. */
function headsOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^\S/.test(line))
}
