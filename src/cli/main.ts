import type { Io, OutputStream } from './io.ts'

/** The build writes the version in; without a build there is none. */
const version = process.env.SLASH64_VERSION ?? '0.0.0-source'

// Before all else: what comes sooner ends the process (Node sets every signal back as it starts, so that nobody can have it
// ignore them). Of SIGUSR1, which a log rotation may send, Node would open its debugger to every local user. The controller
// says what the others do; until then there is nothing to do again, and nothing to tell.
for (const name of ['SIGUSR1', 'SIGUSR2'] as const) process.on(name, () => undefined)
const isController = process.argv.includes('reconcile') && !process.argv.includes('--once')
if (isController) process.on('SIGHUP', () => undefined)

let outputLost = false
for (const stream of [process.stdout, process.stderr]) stream.on('error', onStreamError)
process.on('exit', (code) => {
  // Above "changes" and "refused", below wrong usage and a wrong file.
  if (outputLost && code < 64) process.exitCode = 1
})

// Answered before anything else is loaded: scripts ask for it often, and Node's own start is most of it.
if (process.argv.length === 3 && process.argv[2] === '--version') process.stdout.write(`${version}\n`)
else void main()

async function main(): Promise<void> {
  const { internalError, PARTS, run } = await import('./program.ts')
  if (isController) await closeDebugger()
  process.on('uncaughtException', (error) => {
    process.stderr.write(internalError(error, process.env))
    process.exit(1)
  })
  // Set and not called: what was written to a pipe must still leave, and locks be given back.
  process.exitCode = await run(process.argv.slice(2), processIo(), PARTS)
}

/** What a SIGUSR1 before our first line has opened, unless somebody asked for it. Node may open it once more: it is told twice. */
async function closeDebugger(): Promise<void> {
  if ([...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((word) => word.includes('--inspect'))) return
  const [{ close, url }, { pause }] = await Promise.all([
    import('node:inspector'),
    import('../system/clock.ts'),
  ])
  for (let turn = 0; turn < 3; turn += 1) {
    if (url() !== undefined) close()
    await pause(1)
  }
}

/** A reader that has seen enough (`| head`) is no error, and must never stop an apply half-way. */
function onStreamError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || outputLost) return
  outputLost = true
  process.stderr.write(`slash64: the output is not whole: ${error.message}\n`)
}

function processIo(): Io {
  return {
    stdout: outputStream(process.stdout),
    stderr: outputStream(process.stderr),
    environment: process.env,
    version,
    nodeVersion: process.versions.node,
    processId: process.pid,
    program: [process.execPath, __filename],
    workingDirectory: () => process.cwd(),
    readStdin,
    onSignal: (name, call) => void process.on(name, call),
    exitNow: (code) => process.exit(code),
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  }
}

function outputStream(stream: NodeJS.WriteStream): OutputStream {
  const { isTTY: isTerminal = false, columns } = stream
  const write = (text: string) => void stream.write(text)
  return columns > 0 ? { write, isTerminal, columns } : { write, isTerminal }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** Resolves to false when the terminal is closed instead of answered. */
async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await new Promise<string>((resolve) => {
    terminal.on('close', () => resolve(''))
    terminal.question(question, resolve)
  })
  terminal.close()
  return /^\s*y(es)?\s*$/i.test(answer)
}
