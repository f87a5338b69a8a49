import type { PassReport } from '../engine/types.ts'
import type { Plan } from '../engine/types.ts'
import { planText } from '../report/plan-text.ts'
import type { Model } from '../model/types.ts'
import { plural } from '../report/summary.ts'
import { loadFile } from './config-file.ts'
import { paintFor, printText, stdoutStyle, type Context } from './context.ts'
import { EXIT, passExit, type ExitCode } from './exit.ts'
import { printPass } from './pass-output.ts'

/**
 * `slash64 teardown`: shows what it would remove, asks, removes it. Needs no file; one that is right tells of containers whose
 * own interfaces have addresses of ours.
 */
export async function teardown(context: Context): Promise<ExitCode> {
  const { args, io } = context
  if (!args.yes && io.ask === undefined) {
    io.stderr.write(
      'slash64: teardown asks before it removes anything, and nobody is there to ask; use --yes\n',
    )
    return EXIT.usage
  }
  const app = await context.app()
  const model = await modelIfAny(context)
  if (args.yes || io.ask === undefined) return finish(context, await app.teardown(model), false)
  const planned = await app.planTeardown(model)
  if (planned.plan.changes.length === 0) return finish(context, planned, false)
  showPlan(context, planned.plan)
  const agreed = await io.ask(
    `Remove what is listed (${plural(planned.plan.changes.length, 'change')})? [y/N] `,
  )
  if (agreed) return finish(context, await app.teardown(model), true)
  io.stderr.write('slash64: nothing was removed\n')
  return EXIT.refused
}

/** Standard input is for the answer; a file that is wrong keeps nothing from being removed. */
async function modelIfAny(context: Context): Promise<Model | undefined> {
  if (context.args.file === '-') return undefined
  const loaded = await loadFile(context)
  return loaded.ok ? loaded.model : undefined
}

/** Nobody is asked about what was not shown: when stdout is not for this text, stderr is. */
function showPlan(context: Context, plan: Plan): void {
  const { args, io } = context
  const onStdout = args.output === 'text' && !args.quiet
  if (onStdout) printText(context, planText(plan, stdoutStyle(context, undefined)))
  else io.stderr.write(planText(plan, { paint: paintFor(io.stderr, context), file: undefined }))
}

function finish(context: Context, pass: PassReport, planShown: boolean): ExitCode {
  printPass(context, pass, {}, planShown)
  return passExit(pass, context.args.detailedExitcode)
}
