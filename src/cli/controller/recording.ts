import type { Recorder } from '../../report/recorder/recorder.ts'
import type { LogEntry } from '../../report/log/entry.ts'
import { singleLine } from '../../report/problems.ts'
import { SystemError } from '../../system/errors.ts'
import { jsonText } from '../../text/escape.ts'

/**
 * Writes what is remembered to a file whenever it is called, and tells where that is. Called while it writes, it writes
 * once more when it has done.
 */
export function recordingWriter(
  recorder: Pick<Recorder, 'recording'>,
  keep: (text: string) => Promise<string>,
  tell: (entry: LogEntry) => void,
): () => void {
  let [isWriting, again] = [false, false]
  const write = async (): Promise<void> => {
    do {
      again = false
      tell(await kept(recorder, keep))
    } while (again)
  }
  return () => {
    again = true
    if (isWriting) return
    isWriting = true
    void write().finally(() => (isWriting = false))
  }
}

async function kept(
  recorder: Pick<Recorder, 'recording'>,
  keep: (text: string) => Promise<string>,
): Promise<LogEntry> {
  const recording = recorder.recording()
  try {
    const file = await keep(jsonText(recording))
    const fields = { file, events: recording.events.length }
    return { level: 'info', event: 'events', message: 'the last events were written', fields }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const message = `the last events could not be written: ${singleLine(error.message)}`
    return { level: 'warning', event: 'events', message, fields: {} }
  }
}
