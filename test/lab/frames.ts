import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { toHex, type Bytes } from './frame-bytes.ts'
import type { Build, Parties } from './frame-parts.ts'
import { mustRun } from './process.ts'

export { ATTACKS } from './frame-attacks.ts'
export { LINK_LOCAL_HIJACKS } from './frame-attacks-link.ts'
export { HONEST } from './frame-honest.ts'
export type { Build, Parties, Party } from './frame-parts.ts'

/** One case, ready to be sent. */
export interface Frames {
  readonly name: string
  /** Hex; stands as often in what is sent as there are frames (twice in a frame counts twice: `marks`). */
  readonly mark: string
  /** How many marks all its frames hold together. */
  readonly marks: number
  readonly frames: readonly Bytes[]
}

/** What was seen of each mark since the capture began. */
export type Seen = ReadonlyMap<string, number>

export interface Capture {
  /** Waits until nothing more comes (50 ms), ends the capture, and tells what came in. */
  readonly stop: () => Promise<Seen>
}

/** How one case fared: `sent` and `seen` count marks. */
export interface Outcome {
  readonly name: string
  readonly sent: number
  readonly seen: number
}

const PROGRAM = join(process.cwd(), 'test/lab/frames.pl')

/** Bytes of all cases between these parties; each gets a mark of its own, which no other run has. */
export function buildFrames(cases: Readonly<Record<string, Build>>, parties: Parties): readonly Frames[] {
  const run = randomBytes(2)
  return Object.entries(cases).map(([name, build], index) => {
    const mark = [...Buffer.from('S64!'), ...run, index >> 8, index & 0xff]
    const frames = build(parties, mark)
    const [hex, all] = [toHex(mark), frames.map(toHex)]
    return { name, mark: hex, marks: all.join('/').split(hex).length - 1, frames }
  })
}

/** argv in a network namespace: a name below /run/netns, or a path such as `/proc/PID/ns/net`. */
function inside(namespace: string, argv: readonly string[]): readonly string[] {
  const path = namespace.startsWith('/') ? namespace : `/run/netns/${namespace}`
  return ['nsenter', `--net=${path}`, ...argv]
}

/** Sends every frame out of the interface, in this order; resolves when the kernel took the last one. */
export async function sendFrames(
  namespace: string,
  interfaceName: string,
  cases: readonly Frames[],
): Promise<void> {
  const lines = cases.flatMap(({ frames }) => frames.map((frame) => `${toHex(frame)}\n`))
  const argv = inside(namespace, ['perl', PROGRAM, 'send', interfaceName])
  const said = await mustRun(argv, { input: lines.join('') })
  if (Number(said) !== lines.length) throw new Error(`${said.trim()} of ${lines.length} frames were sent`)
}

/** Counts marks in what comes in at the interface, unicast to others included; resolves when it listens. */
export async function capture(namespace: string, interfaceName: string): Promise<Capture> {
  const [command = '', ...args] = inside(namespace, ['perl', PROGRAM, 'capture', interfaceName])
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let [said, wrong] = ['', '']
  child.stderr.on('data', (text: Buffer) => (wrong += text.toString()))
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`capture on ${interfaceName} ended: ${wrong.trim()}`))
    })
  })
  // It may end before anybody waits for it; whoever stops it is told.
  ended.catch(() => undefined)
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString()
      if (said.startsWith('ready\n')) resolve()
    })
  })
  await Promise.race([ready, ended])
  return {
    stop: async () => {
      child.stdin.end()
      await ended
      return parseSeen(said)
    },
  }
}

function parseSeen(text: string): Seen {
  const lines = text.trim().split('\n').slice(1)
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
}

/** What became of every case, in their order. */
export function outcomes(cases: readonly Frames[], seen: Seen): readonly Outcome[] {
  return cases.map(({ name, mark, marks }) => ({ name, sent: marks, seen: seen.get(mark) ?? 0 }))
}

/** Names of cases of which anything came through. */
export function delivered(cases: readonly Frames[], seen: Seen): readonly string[] {
  return outcomes(cases, seen).flatMap((one) => (one.seen > 0 ? [one.name] : []))
}

/** Names of cases of which anything is missing, or came more than once. */
export function damaged(cases: readonly Frames[], seen: Seen): readonly string[] {
  return outcomes(cases, seen).flatMap((one) => (one.seen === one.sent ? [] : [one.name]))
}
