import { notModelled } from '../fail.ts'

export interface StartOptions {
  readonly check: boolean
  readonly quiet: boolean
  readonly files: readonly string[]
  readonly pidFile: string
  readonly master: string
}

/** The options of a check (`-c`), or of a start as master and worker in the background; others are not modelled. */
export function parseOptions(args: readonly string[]): StartOptions {
  const flags = new Set<string>()
  const values = new Map<string, string[]>()
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? ''
    if (['-c', '-q', '-W', '-D'].includes(word)) flags.add(word)
    else if (['-f', '-p', '-S'].includes(word)) {
      at += 1
      values.set(word, [...(values.get(word) ?? []), args[at] ?? ''])
    } else throw notModelled(`haproxy ${word}`)
  }
  const check = flags.has('-c')
  const [pidFile = ''] = values.get('-p') ?? []
  const [master = ''] = values.get('-S') ?? []
  const whole = flags.has('-W') && flags.has('-D') && pidFile !== '' && master !== ''
  if (!check && !whole) throw notModelled(`haproxy ${args.join(' ')}`)
  const [socket = ''] = master.split(',')
  return { check, quiet: flags.has('-q'), files: values.get('-f') ?? [], pidFile, master: socket }
}
