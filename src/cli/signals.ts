import type { SignalCode } from './exit.ts'
import type { Io } from './io.ts'

/** Signals that ask a program to end. */
export type EndSignal = 'SIGTERM' | 'SIGINT'

const CODES: Readonly<Record<EndSignal, SignalCode>> = { SIGINT: 130, SIGTERM: 143 }

export interface Ending {
  /** Aborted by the first of them; the step that runs is then finished. */
  readonly stop: AbortSignal
  /** 128 and the number of the signal that came; undefined when none did. */
  readonly exitCode: () => SignalCode | undefined
}

/** Takes the signals that ask us to end. A second one ends the process at once: somebody insists. */
export function endOnSignal(io: Io, told: (name: EndSignal) => void = () => undefined): Ending {
  const controller = new AbortController()
  let code: SignalCode | undefined
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    io.onSignal(name, () => {
      if (code !== undefined) io.exitNow(CODES[name])
      code = CODES[name]
      told(name)
      controller.abort()
    })
  }
  return { stop: controller.signal, exitCode: () => code }
}
