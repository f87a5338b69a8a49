import type { Keeper } from '../../app/types.ts'
import { createController, type Controller } from '../../controller/controller.ts'
import { firstDesired } from '../../controller/desired.ts'
import type { ControllerEvent } from '../../controller/types.ts'
import type { Problem } from '../../engine/types.ts'
import type { Source } from '../../report/background.ts'
import type { LogEntry } from '../../report/log/entry.ts'
import { problemsText, singleLine } from '../../report/problems.ts'
import { createRecorder, type Recorder } from '../../report/recorder/recorder.ts'
import { SystemError } from '../../system/errors.ts'
import { paintFor, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { endOnSignal } from '../signals.ts'
import { milliseconds } from '../values.ts'
import { loaderOf } from './loader.ts'
import { startLog, type Log } from './log.ts'
import { startMetrics, type Metrics } from './metrics.ts'
import { createPages } from './pages.ts'
import { servePages } from './serve.ts'
import { recordingWriter } from './recording.ts'
import { startService } from './service.ts'

/** `slash64 reconcile`: keeps the host what the file says until it is told to end. */
export async function control(context: Context): Promise<ExitCode> {
  const wrong = misuse(context)
  if (wrong !== undefined) {
    context.io.stderr.write(`slash64: ${wrong}\nSee: slash64 reconcile --help\n`)
    return EXIT.usage
  }
  const outlets = await openOutlets(context)
  const { stop } = endOnSignal(context.io, (signal) => outlets.emit({ type: 'stopping', signal }))
  // Whoever waits for the lock is asked to look again in vain, and not ended by it.
  context.io.onSignal('SIGHUP', () => undefined)
  const lock = await outlets.keeper.lock(stop).catch((error: unknown) => busyOnly(error))
  if (lock instanceof SystemError && stop.aborted) return EXIT.fine
  if (lock instanceof SystemError) return refused(context, outlets.log, lock)
  try {
    return await work(context, outlets, stop)
  } finally {
    await outlets.keeper.close()
    await lock.release()
  }
}

function misuse({ args }: Context): string | undefined {
  if (args.file === '-') return 'the controller watches a file: name it with --file, or use --once'
  if (args.output !== 'text') return '--output is for --once; the controller writes a log: see --log-format'
  if (args.detailedExitcode) return '--detailed-exitcode is for --once'
  if (args.metricsTextfile !== undefined)
    return '--metrics-textfile is for --once; the controller has --listen'
  const [allowed] = args.allow
  if (allowed !== undefined) return `--allow-${allowed} is for --once: it is for one pass, not for all`
  return undefined
}

/** Everything that hears what the controller tells, and the way to the host, which tells of its commands. */
interface Outlets {
  readonly keeper: Keeper
  readonly log: Log
  readonly recorder: Recorder
  readonly metrics: Metrics
  readonly emit: (event: ControllerEvent) => void
  /** Is called when the firewall's table has lost its owner. */
  readonly onLoss: (call: () => void) => void
  /** One more that hears. */
  readonly add: (hear: (event: ControllerEvent) => void) => void
}

async function openOutlets(context: Context): Promise<Outlets> {
  const parts = await context.controller()
  const metrics = startMetrics(context.io, milliseconds(context.args.interval))
  const log = startLog(context, parts)
  log.onLine(metrics.logged)
  const { version, processId } = context.io
  const { monotonic, now } = parts
  const recorder = createRecorder({ version, processId, monotonic, now })
  context.io.onSignal('SIGUSR2', recordingWriter(recorder, parts.keepRecording, log.write))
  // First of all, so that it knows of what another cannot cope with.
  const hearers = [recorder.record, metrics.record, log.record]
  const emit = (event: ControllerEvent): void => {
    for (const hear of hearers) hear(event)
  }
  let lookAgain = (): void => undefined
  return {
    keeper: parts.createKeeper({ told: emit, lost: () => lookAgain() }),
    log,
    recorder,
    metrics,
    emit,
    onLoss: (call) => {
      lookAgain = call
    },
    add: (hear) => void hearers.push(hear),
  }
}

async function work(context: Context, outlets: Outlets, stop: AbortSignal): Promise<ExitCode> {
  const { args, io } = context
  const { keeper, emit, recorder } = outlets
  const { feeds } = await context.controller()
  let hangUp = (): void => undefined
  // Before there is a controller it asks for nothing: the first pass is about to be made.
  io.onSignal('SIGHUP', () => hangUp())
  const loader = await loaderOf(context)
  const interval = milliseconds(args.interval)
  const source = { keeper, feeds, loader, file: args.file, stop }
  const options = { ...source, interval, emit, recorded: recorder.recording }
  const first = await firstDesired(options)
  if (first === undefined) return EXIT.fine
  if ('ok' in first) {
    outlets.log.refusal(first.text, first.problem.code)
    return EXIT.config
  }
  emit({ type: 'started', version: io.version })
  const controller = createController(first, options)
  hangUp = controller.hangUp
  outlets.onLoss(controller.lookAgain)
  await surrounded(controller, context, outlets)
  return EXIT.fine
}

/** Runs the controller with all that stands around it: the web server, the service manager, signals. */
async function surrounded(
  controller: Controller<Source>,
  context: Context,
  { keeper, log, metrics, add }: Outlets,
): Promise<void> {
  const { feeds, notifier } = await context.controller()
  const notify = notifier((error) => log.write(untold(error)))
  const { listen } = context.args
  let problems = (): readonly Problem[] => []
  const pages = createPages(controller, { keeper, metrics, feeds }, () => problems())
  const server = servePages({ listen, feeds, pages, log: log.write })
  problems = server.problems
  const watchdog = context.io.environment['WATCHDOG_USEC']
  const service = startService(controller, { feeds, notify, watchdog, problems })
  add((event) => {
    if (event.type === 'command' && event.background !== true) controller.progressed()
  })
  add(service.record)
  try {
    await controller.run()
  } finally {
    service.end()
    await server.close()
  }
}

function untold({ message }: SystemError): LogEntry {
  const what = `the service manager could not be told: ${singleLine(message)}`
  return { level: 'warning', event: 'notify', message: what, fields: {} }
}

function busyOnly(error: unknown): SystemError {
  if (!(error instanceof SystemError) || error.code !== 'busy') throw error
  return error
}

/** Who is at work already. */
function refused(context: Context, log: Log, { detail }: SystemError): ExitCode {
  const problem: Problem = {
    code: 'S64-L001',
    message: `another instance is at work on this host: ${detail}`,
    hint: 'end it first: systemctl stop slash64.service, or by its process number',
  }
  log.refusal(problemsText([problem], paintFor(context.io.stderr, context)), problem.code)
  return EXIT.refused
}
