import type { HostFacts } from '../model/world.ts'
import type { Model } from '../model/types.ts'
import type { PassReport } from '../engine/types.ts'

/** What the commands need of the engine; `app/index.ts` makes the real one. */
export interface App {
  /** Observes and compares; cannot change the host, by construction. */
  plan(model: Model): Promise<PassResult>
  /** One pass: observe, plan, apply, observe again. */
  reconcile(model: Model): Promise<PassResult>
  /** Removes what is ours and restores what was found first. */
  teardown(): Promise<PassResult>
  /** What `teardown` would do; cannot change the host. */
  planTeardown(): Promise<PassResult>
  /**
   * The reverse proxy's configuration as text: where it listens, and its files by name. Looks at no host; undefined
   * when no route wants a proxy.
   */
  render(model: Model): ProxyDocument | undefined
  /** The host's clock. */
  now(): Date
  /** Rejects with `SystemError`. */
  readFile(path: string): Promise<string>
  /** Replaces the file atomically; rejects with `SystemError`. */
  writeFile(path: string, content: string): Promise<void>
}

export interface AppOptions {
  readonly stateDir: string
  readonly runDir: string
  /** Where programs are looked up; undefined: the usual places. */
  readonly path: string | undefined
  /** What another instance is told about this one, when it finds the lock held. */
  readonly self: string
}

export type CreateApp = (options: AppOptions) => App

/** What one pass found and did, and the facts about the host that it rests on. */
export interface PassResult extends PassReport {
  readonly facts: HostFacts
}

/** The reverse proxy's configuration, as text. */
export interface ProxyDocument {
  /** `203.0.113.2:80`, `[2001:db8::2]:443`. */
  readonly listeners: readonly string[]
  readonly files: Readonly<Record<string, string>>
}
