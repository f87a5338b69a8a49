import { visible } from '../../text/escape.ts'
import type { Entry, Recording, Value } from './entry.ts'

/**
 * One line for each entry, the newest last: time of day, seconds before the recording was asked for, what, and its fields.
 * Of another version's entries, too: no field is known by name but these.
 */
export function recordingText({ clock, controller, forgotten, events }: Recording): string {
  const asked = new Date(clock.time).getTime()
  const width = Math.max(0, ...events.map(({ at }) => seconds(at - clock.at).length))
  const line = (entry: Entry): string => {
    const time = new Date(asked + Math.round(entry.at - clock.at)).toISOString().slice(11, 23)
    return `${time} ${seconds(entry.at - clock.at).padStart(width)} ${wordsOf(entry)}\n`
  }
  const earlier = forgotten > 0 ? `, ${forgotten} earlier ones forgotten` : ''
  const head = `# slash64 ${controller.version}, process ${controller.process}, asked at ${clock.time}: ${events.length} events${earlier}\n`
  return `${visibleLine(head)}${events.map(line).join('')}`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)}s`
}

function wordsOf({ at: _at, what, ...fields }: Entry): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${visible(name)}=${shown(value)}`)
  return [visible(what), ...pairs].join(' ')
}

function shown(value: Value): string {
  if (typeof value !== 'object') return quoted(String(value))
  return `[${value.map(quoted).join(', ')}]`
}

/** In quotes where it would not be read as one value otherwise; nothing in it can end the line or repaint a terminal. */
function quoted(value: string): string {
  const text = visible(value)
  return /^[^\s"[\],=]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`
}

function visibleLine(text: string): string {
  return `${visible(text.trimEnd())}\n`
}
