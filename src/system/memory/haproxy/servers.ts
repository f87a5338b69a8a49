import { formatAddress, parseAddress } from '../inet.ts'
import { notModelled } from '../fail.ts'
import type { Server, Worker } from './state.ts'
import type { World } from '../state.ts'

const COLUMNS =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state ' +
  'bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr ' +
  'srv_agent_addr srv_agent_port'

/** `show servers state [BACKEND]` */
export function showServers(world: World, worker: Worker, backend: string | undefined): string {
  if (backend !== undefined && !worker.config.backends.has(backend)) return "Can't find backend.\n\n"
  const servers = worker.servers.filter((server) => backend === undefined || server.backend === backend)
  const seconds = Math.floor((world.now.getTime() - worker.started.getTime()) / 1000)
  return ['1', COLUMNS, ...servers.map((server) => serverLine(server, seconds)), '\n'].join('\n')
}

/** The check's status, result and health as 2.6.12 numbers them: connected, refused, none yet. */
function checkOf({ checked, health, maintained, rise, fall }: Server): readonly number[] {
  if (checked && health === 'up') return [6, 3, maintained ? 0 : rise + fall - 1]
  return checked && health === 'down' ? [8, 2, 0] : [1, 0, maintained ? 0 : rise]
}

function serverLine(server: Server, seconds: number): string {
  const { backendId, backend, id, name, address, port, maintained, health, checked } = server
  const state = maintained || health === 'down' ? 0 : 2
  const paused = checked && maintained ? 8 : 0
  const check = [...checkOf(server), (checked ? 6 : 0) + paused]
  const identity = `${backendId} ${backend} ${id} ${name} ${address}`
  return `${identity} ${state} ${maintained ? 1 : 0} 1 1 ${seconds} ${check.join(' ')} 0 0 0 - ${port} - 0 0 - - 0`
}

const USAGE =
  'usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | ' +
  'check-port | fqdn | health | ssl | state | weight'

/** `set server BACKEND/SERVER addr ADDRESS [port PORT]`, or `state ready|maint`. */
export function setServer(worker: Worker, [full = '', what = '', ...rest]: readonly string[]): string {
  const [backend = '', name] = full.split('/')
  if (name === undefined) return "Require 'backend/server'.\n\n"
  if (!worker.config.backends.has(backend)) return 'No such backend.\n\n'
  const server = worker.servers.find((one) => one.backend === backend && one.name === name)
  if (server === undefined) return 'No such server.\n\n'
  if (what === 'addr') return `${setAddress(server, rest)}\n\n`
  if (what === 'state' && (rest[0] === 'ready' || rest[0] === 'maint')) {
    // The checks begin anew.
    if (server.maintained && rest[0] === 'ready') server.health = 'unknown'
    server.maintained = rest[0] === 'maint'
    return '\n'
  }
  // The only weight that is asked for is that of the section.
  if (what === 'weight' && rest[0] === '100%') return '\n'
  if (what === '') return `${USAGE}\n\n`
  throw notModelled(`haproxy: set server ${full} ${what}`)
}

function setAddress(server: Server, words: readonly string[]): string {
  const [text, keyword, port = ''] = words
  if (text === undefined) return 'set server <b>/<s> addr requires an address and optionally a port.'
  const by = " by 'stats socket command'"
  const address = parseAddress(text)
  if (address === undefined) return `Invalid addr '${text}'${by}`
  const changed = changeAddress(server, text, formatAddress(address))
  if (keyword !== 'port') return `${changed}${by}`
  return `${changed}, ${changePort(server, port)}${by}`
}

/** Says the new address as it was written. */
function changeAddress(server: Server, text: string, address: string): string {
  if (server.address === address) return 'no need to change the addr'
  const words = `IP changed from '${server.address}' to '${text}'`
  server.address = address
  return words
}

function changePort(server: Server, text: string): string {
  if (!/^\d+$/.test(text)) return `problem converting port '${text}' to an int`
  const port = Number(text) % 65_536
  if (server.port === port) return 'no need to change the port'
  const words = `port changed from '${server.port}' to '${port}'`
  server.port = port
  return words
}
