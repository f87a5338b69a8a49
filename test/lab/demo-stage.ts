import type { Result } from './process.ts'

/** What the demo speaks through: headings, the program's own output, and promises that are kept or not. */
export interface Stage {
  readonly heading: (text: string) => void
  readonly note: (text: string) => void
  /** The command line and what it printed, as the user would see it; long output is cut in the middle. */
  readonly show: (command: string, text: string) => void
  readonly check: (promise: string, kept: boolean, seen?: string) => void
  /** True when every promise was kept. Prints the count. */
  readonly finish: () => boolean
  readonly colour: boolean
}

const LONGEST = 40

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Writes to stdout, coloured on a terminal unless NO_COLOR says otherwise (no-color.org). */
export function createStage(): Stage {
  const colour = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  const paint = (code: string, text: string): string => (colour ? `\u001B[${code}m${text}\u001B[0m` : text)
  const start = Date.now()
  let [step, kept, broken] = [0, 0, 0]
  return {
    colour,
    heading: (text) => {
      step += 1
      print(`\n${paint('1;36', `${step}. ${text}`)}`)
    },
    note: (text) => print(text.replaceAll(/^/gm, '   ')),
    show: (command, text) => {
      if (command !== '') print(`   ${paint('1', `$ ${command}`)}`)
      if (text !== '') print(shorten(text.trimEnd()).replaceAll(/^/gm, `   ${paint('2', '│')} `))
    },
    check: (promise, isKept, seen = '') => {
      if (isKept) kept += 1
      else broken += 1
      const mark = isKept ? paint('32', 'OK  ') : paint('1;31', 'FAIL')
      print(`   ${mark} ${promise}${seen === '' ? '' : paint('2', `  (${seen})`)}`)
    },
    finish: () => {
      const seconds = ((Date.now() - start) / 1000).toFixed(1)
      const summary =
        broken === 0 ? `OK: all ${kept} promises kept` : `FAIL: ${broken} of ${kept + broken} promises broken`
      print(`\n${paint(broken === 0 ? '1;32' : '1;31', summary)} in ${seconds} s`)
      return broken === 0
    },
  }
}

function shorten(text: string): string {
  const lines = text.split('\n')
  if (lines.length <= LONGEST) return text
  const cut = lines.length - LONGEST + 1
  return [...lines.slice(0, LONGEST - 8), `... ${cut} more lines ...`, ...lines.slice(1 - 8)].join('\n')
}

/** What a program said on both streams. */
export function spoken(result: Result): string {
  return [result.stdout, result.stderr].filter((text) => text !== '').join('')
}
