import { visible } from '../text/escape.ts'
import { SystemError } from '../system/errors.ts'
import { withModel } from './config-file.ts'
import type { Context } from './context.ts'
import type { App, PassResult } from '../app/types.ts'
import { EXIT, passExit, type ExitCode } from './exit.ts'
import { endOnSignal } from './signals.ts'
import { printPass } from './pass-output.ts'

/** `slash64 reconcile`: the controller; with `--once`, one pass. */
export async function reconcile(context: Context): Promise<ExitCode> {
  if (!context.args.once) return (await import('./controller/control.ts')).control(context)
  return withModel(context, async (model, source) => {
    const app = await context.app()
    const begun = app.now()
    const ending = endOnSignal(context.io)
    const pass = await app.reconcile(model, ending.stop, context.args.allow)
    printPass(context, pass, { source, routes: { model, upstream: pass.facts.upstream } })
    const written = await writeMetrics(context, app, pass, begun)
    return ending.exitCode() ?? (written ? passExit(pass, context.args.detailedExitcode) : EXIT.failed)
  })
}

/** Replaces the text file whole, so that the node exporter never reads half of it. False: that failed, and was told. */
async function writeMetrics(context: Context, app: App, pass: PassResult, begun: Date): Promise<boolean> {
  const { args, io } = context
  // A run that was refused because another is at work has nothing to tell, and must not overwrite what that one tells.
  if (args.metricsTextfile === undefined || pass.lockedBy !== undefined) return true
  const finished = app.now()
  const durationSeconds = (finished.getTime() - begun.getTime()) / 1000
  const { metricsText } = await import('../report/metrics/one-shot.ts')
  try {
    const previous = await app.readFile(args.metricsTextfile).catch(() => '')
    const versions = { version: io.version, nodeVersion: io.nodeVersion }
    const text = await metricsText({ pass, ...versions, finished, durationSeconds, previous })
    await app.writeFile(args.metricsTextfile, text)
    return true
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    io.stderr.write(`slash64: the metrics were not written: ${visible(error.message)}\n`)
    return false
  }
}
