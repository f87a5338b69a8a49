import type { Keeper } from '../app/types.ts'
import type { Problem } from '../engine/types.ts'
import type { Model } from '../model/types.ts'
import { SystemError } from '../system/errors.ts'
import type { Feeds } from '../system/feeds.ts'
import { rest } from './bell.ts'
import { settledText } from './settled-text.ts'
import type { FileEvent } from './types.ts'

/** The meaning of a text, or all that is wrong with it; `text` as `validate` shows it. */
export type Loaded<Source> =
  | { readonly ok: true; readonly model: Model; readonly source: Source }
  | { readonly ok: false; readonly text: string; readonly problem: Problem }

/** The configuration as reports know it; given by the command line, which alone knows of YAML. */
export interface Loader<Source> {
  readonly load: (text: string, name: string) => Promise<Loaded<Source>>
  /** A file that cannot be read, in the same form. */
  readonly unreadable: (error: SystemError, name: string) => Fault<Source>
}

/** What the host should be, and what is wrong with the file when it is not from there. */
export interface Desired<Source> {
  readonly model: Model
  readonly source: Source
  /** What the file, or its stand-in, says. */
  readonly text: string
  /** Undefined: the file is right. */
  readonly fault: Fault<Source> | undefined
  /** Whether the last good text was taken from the state directory. */
  readonly fromDisk: boolean
  /** Why the file could not be kept for a start without it. */
  readonly unkept?: SystemError | undefined
}

export interface DesiredOptions<Source> {
  readonly keeper: Keeper
  readonly feeds: Feeds
  readonly loader: Loader<Source>
  /** The path that is read and named. */
  readonly file: string
  readonly stop: AbortSignal
}

/** All that is wrong with the file. */
export type Fault<Source> = Loaded<Source> & { readonly ok: false }

/** Reads the file for the first time; where it is not right, what was right last. Undefined: told to end. */
export async function firstDesired<Source>(
  options: DesiredOptions<Source>,
): Promise<Desired<Source> | Fault<Source> | undefined> {
  const { keeper, loader, file } = options
  const found = await settled(options)
  if (found === undefined || 'model' in found) return found
  const text = await keeper.readLastGood()
  const kept = text === undefined ? undefined : await loader.load(text, `${file} (last good)`)
  if (text === undefined || kept?.ok !== true) return found
  return { model: kept.model, source: kept.source, text, fault: found, fromDisk: true }
}

/** Reads it again; undefined when nothing has changed. */
export async function nextDesired<Source>(
  before: Desired<Source>,
  options: DesiredOptions<Source>,
): Promise<Desired<Source> | undefined> {
  const found = await settled(options, before)
  if (found === undefined || found === before) return undefined
  if ('model' in found) return found
  return found.text === before.fault?.text ? undefined : { ...before, fault: found }
}

/** What there is to tell about it. */
export function fileEvent<Source>(
  { model, fault, fromDisk, unkept }: Desired<Source>,
  name: string,
  at: Date,
): FileEvent {
  const told = unkept === undefined ? {} : { unkept: unkeptProblem(unkept) }
  if (fault === undefined) return { type: 'file', valid: true, model, ...told, name, at }
  const inUse = fromDisk ? 'last-good-from-disk' : 'last-good'
  return { type: 'file', valid: false, text: fault.text, problem: fault.problem, inUse, name, at }
}

/** What it means that the file could not be kept. */
export function unkeptProblem({ message }: SystemError): Problem {
  return {
    code: 'S64-H008',
    message: `the state directory cannot be written: ${message}`,
    hint: 'make it writable, or choose another (--state-dir DIR): after a reboot without a right file there is nothing to hold to',
  }
}

/** Keeps what is in force once more: the state directory may have come back, or gone. */
export async function keepAgain<Source>(
  state: { desired: Desired<Source>; version: number },
  keeper: Keeper,
): Promise<void> {
  const before = state.desired
  const unkept = await keeper.keepLastGood(before.text)
  if (state.desired !== before || unkept?.message === before.unkept?.message) return
  state.desired = { ...before, unkept }
  state.version += 1
}

/** What the file says, or what is wrong with it; `before` itself where its text is the same and was right. */
async function settled<Source>(
  { keeper, feeds, loader, file, stop }: DesiredOptions<Source>,
  before?: Desired<Source>,
): Promise<Desired<Source> | Fault<Source> | undefined> {
  const text = await settledText(
    async () => keeper.readFile(file),
    async (milliseconds) => rest(feeds, milliseconds),
    stop,
  )
  if (text === undefined) return undefined
  if (typeof text !== 'string') return loader.unreadable(text, file)
  if (before !== undefined && text === before.text && before.fault === undefined) return before
  const loaded = await loader.load(text, file)
  if (!loaded.ok) return loaded
  const unkept = await keeper.keepLastGood(text)
  return { model: loaded.model, source: loaded.source, text, fault: undefined, fromDisk: false, unkept }
}
