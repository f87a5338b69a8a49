import { spawn, type ChildProcess } from 'node:child_process'
import type { Lab } from './lab.ts'
import { eventually, inNamespace } from './process.ts'

/** What the kernel announced in the host's namespace while `fn` ran: lines of `nft monitor` and of `ip monitor`. */
export interface Announced<Value> {
  readonly value: Value
  readonly nft: readonly string[]
  readonly ip: readonly string[]
}

const IP_OBJECTS = ['link', 'address', 'route', 'neigh', 'netconf', 'rule']

/**
 * Runs `fn` under both monitors. `nft monitor` reports nothing until its cache is loaded and does not say when it is, so
 * marks of our own are made until both show one; a last mark proves that nothing is still on its way.
 */
export async function withMonitors<Value>(lab: Lab, fn: () => Promise<Value>): Promise<Announced<Value>> {
  const nft = listen(lab, ['nft', 'monitor'])
  const ip = listen(lab, ['ip', 'monitor', ...IP_OBJECTS])
  try {
    await mark(lab, 'begin', [nft, ip])
    const value = await fn()
    await mark(lab, 'end', [nft, ip])
    return { value, nft: nftLines(nft.text()), ip: ipLines(ip.text()) }
  } finally {
    nft.child.kill()
    ip.child.kill()
    await lab.run('host', ['nft', 'delete table ip mark_begin; delete table ip mark_end'])
  }
}

interface Listener {
  readonly child: ChildProcess
  readonly text: () => string
}

function listen(lab: Lab, argv: readonly string[]): Listener {
  const [command = '', ...args] = inNamespace(lab.namespace('host'), argv)
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { child, text: () => text }
}

/** An nft table and a route in a table of its own, both named for the mark, are what the monitors see. */
const MARKS = { begin: '192.0.2.251', end: '192.0.2.252' } as const

async function mark(lab: Lab, name: keyof typeof MARKS, listeners: readonly Listener[]): Promise<void> {
  const seen = await eventually(async () => {
    await lab.must('host', [
      'nft',
      `add table ip mark_${name}; delete table ip mark_${name}; add table ip mark_${name}`,
    ])
    await lab.ip(
      'host',
      `route replace blackhole ${MARKS[name]} table 251`,
      `route del ${MARKS[name]} table 251`,
    )
    return listeners.every(
      (listener) => listener.text().includes(name) || listener.text().includes(MARKS[name]),
    )
  })
  if (!seen) throw new Error(`the monitors did not show the mark "${name}"`)
}

/** What lies between the two marks, without them and the "new generation" line that belongs to the first. */
function nftLines(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  const begin = lines.findLastIndex((line) => line.includes('mark_begin'))
  const end = lines.findIndex((line) => line.includes('mark_end'))
  return lines.slice(begin + 2, end)
}

/** The same for `ip monitor`; what the kernel's own resolving of neighbours announces is nobody's doing. */
function ipLines(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const begin = lines.findLastIndex((line) => line.includes(MARKS.begin))
  const end = lines.findIndex((line) => line.includes(MARKS.end))
  return lines
    .slice(begin + 1, end)
    .filter((line) => !/\b(REACHABLE|STALE|DELAY|PROBE|INCOMPLETE|FAILED)\b/.test(line))
}
