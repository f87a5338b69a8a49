import { adminAnswer, unknownCommand } from './admin.ts'
import { fullVersion } from './state.ts'
import { isLocal, meet } from './binds.ts'
import { reload } from './process.ts'
import { SystemError } from '../../errors.ts'
import type { Endpoint } from '../../../engine/types.ts'
import type { Instance, Worker } from './state.ts'
import type { World } from '../state.ts'

/** What comes back from a socket of the proxy. `before` is told of each change, and may refuse it. */
export function exchangeWith(
  world: World,
  to: string | Endpoint,
  request: string,
  before: (change: string) => void,
): string {
  if (typeof to !== 'string') return httpAnswer(world, to, request)
  const { sockets, instances } = world.proxy
  const owner = sockets.get(to)
  if (owner === undefined) throw failure(to, 'not-found', `ENOENT ${to}`)
  const instance = instances.find(({ pid }) => pid === owner.pid)
  const deaf = instance === undefined || (instance.stopping && owner.role === 'admin')
  if (deaf) throw failure(to, 'not-found', `ECONNREFUSED ${to}`)
  const end = request.indexOf('\n')
  if (end < 0) throw failure(to, 'timeout', 'no whole answer within 5 s')
  const commands = commandsOf(request.slice(0, end))
  if (owner.role === 'admin') {
    return commands.map((command) => adminAnswer(world, instance.worker, command, before)).join('')
  }
  // The worker closes after one line of commands; the master waits for more, unless it is told or has to reload.
  const closes = /(?:^|;)\s*quit\s*$/.test(request.slice(0, end)) || commands.includes('reload')
  if (!closes) throw failure(to, 'timeout', 'no whole answer within 5 s')
  return commands.map((command) => masterAnswer(world, instance, command, before)).join('')
}

/** The commands of a line, up to `quit`. */
function commandsOf(line: string): readonly string[] {
  const commands = line.split(/(?<!\\);/).map((command) => command.trim())
  const quit = commands.indexOf('quit')
  return quit < 0 ? commands : commands.slice(0, quit)
}

function failure(to: string | Endpoint, code: 'not-found' | 'timeout', detail: string): SystemError {
  const subject = typeof to === 'string' ? to : `${to.address} port ${to.port}`
  return new SystemError({ code, subject, detail })
}

function masterAnswer(
  world: World,
  instance: Instance,
  command: string,
  before: (change: string) => void,
): string {
  if (command === 'reload') {
    before('haproxy reload')
    reload(world, instance)
    return ''
  }
  if (command === 'show proc') return showProcesses(world, instance)
  if (command === 'show version') return `${fullVersion(world.proxy)}\n\n`
  return unknownCommand(command)
}

function showProcesses(
  world: World,
  { pid, reloads, failed, started, worker, oldWorkers }: Instance,
): string {
  const version = fullVersion(world.proxy)
  const row = (...cells: readonly string[]): string => `${cells.map((cell) => cell.padEnd(15)).join(' ')}\n`
  const workerRow = (one: Worker): string =>
    row(`${one.pid}`, 'worker', `${one.reloads}`, uptime(world, one.started), version)
  return [
    row('#<PID>', '<type>', '<reloads>', '<uptime>', '<version>'),
    row(`${pid}`, 'master', `${reloads} [failed: ${failed}]`, uptime(world, started), version),
    '# workers\n',
    workerRow(worker),
    ...(oldWorkers.length === 0 ? [] : ['# old workers\n', ...oldWorkers.map(workerRow)]),
    '# programs\n\n',
  ].join('')
}

function uptime(world: World, since: Date): string {
  const seconds = Math.floor((world.now.getTime() - since.getTime()) / 1000)
  const two = (value: number): string => `${Math.floor(value)}`.padStart(2, '0')
  const [hours, minutes] = [(seconds % 86_400) / 3600, (seconds % 3600) / 60]
  return `${Math.floor(seconds / 86_400)}d${two(hours)}h${two(minutes)}m${two(seconds % 60)}s`
}

/** Of several processes that share a port the kernel takes any: here the oldest, so that one left over is noticed. */
function httpAnswer(world: World, to: Endpoint, request: string): string {
  const { instances, listeners } = world.proxy
  if (!isLocal(world, to.address)) throw failure(to, 'timeout', 'no whole answer within 5 s')
  const instance = instances.find(
    ({ stopping, worker }) => !stopping && worker.config.binds.some((bind) => meet(bind, to)),
  )
  if (instance === undefined) {
    if (listeners.some((listener) => meet(listener, to))) return response('404 Not Found', 'Not Found\n')
    throw failure(to, 'not-found', `ECONNREFUSED ${to.address}:${to.port}`)
  }
  const [head = ''] = request.split('\r\n\r\n')
  const closes = /^\S+ \S+ HTTP\/1\.0/.test(head) || /^connection: close$/im.test(head)
  if (!closes || !request.includes('\r\n\r\n')) throw failure(to, 'timeout', 'no whole answer within 5 s')
  const generation = instance.worker.config.variables.get('proc.slash64') ?? ''
  return head.startsWith('GET /.well-known/slash64/generation ')
    ? response('200 OK', `${generation}\n`)
    : response('421 Misdirected Request', 'Misdirected Request\n')
}

function response(status: string, body: string): string {
  const headers = [`content-length: ${body.length}`, 'content-type: text/plain', 'connection: close']
  return [`HTTP/1.1 ${status}`, ...headers, '', body].join('\r\n')
}
