/* The reverse proxy's part of the world: processes, sockets and who else listens. Changed in place, as the rest is. */

export interface ProxyWorld {
  /** The version that is installed; undefined: there is no such program. */
  readonly version: string | undefined
  /** Sockets of other programs. `*` is both families, as ss prints it; a listener that `shares` sets SO_REUSEPORT. */
  listeners: ForeignListener[]
  /** Masters of ours and their workers, the oldest first. */
  instances: Instance[]
  /** Every UNIX socket that has a file, and the master behind it, which may have ended. */
  readonly sockets: Map<string, SocketOwner>
  /** Files that hold a process id, which is no part of a dump. */
  readonly pidFiles: Set<string>
  nextPid: number
}

export interface ForeignListener {
  readonly address: string
  readonly port: number
  readonly program: string
  readonly pid: number
  readonly shares?: true
}

export interface SocketOwner {
  readonly pid: number
  readonly role: 'admin' | 'master'
}

export interface Instance {
  readonly pid: number
  /** The words after `haproxy`. */
  readonly args: readonly string[]
  readonly files: readonly string[]
  readonly started: Date
  worker: Worker
  /** Workers of earlier configurations whose connections are still open. */
  oldWorkers: Worker[]
  reloads: number
  failed: number
  /** Ended softly while connections were open: it listens no more. */
  stopping: boolean
  /** Connections are open: a soft stop waits for them, and a reload leaves the worker that has them. */
  busy: boolean
}

export interface Worker {
  readonly pid: number
  readonly args: readonly string[]
  readonly config: ProxyConfig
  readonly maps: Map<string, MapEntry[]>
  readonly servers: Server[]
  readonly started: Date
  reloads: number
}

export interface MapEntry {
  readonly id: number
  readonly key: string
  value: string
}

export interface Server {
  readonly backend: string
  readonly backendId: number
  readonly id: number
  readonly name: string
  readonly checked: boolean
  readonly rise: number
  readonly fall: number
  address: string
  port: number
  maintained: boolean
  health: 'up' | 'down' | 'unknown'
}

/** What is known of a configuration that passed the check. */
export interface ProxyConfig {
  readonly variables: ReadonlyMap<string, string>
  readonly socket: string | undefined
  readonly binds: readonly Bind[]
  /** Name of the map as it is written → its lines. */
  readonly maps: ReadonlyMap<string, readonly Omit<MapEntry, 'id'>[]>
  readonly backends: ReadonlySet<string>
  readonly servers: readonly Readonly<Server>[]
}

export interface Bind {
  readonly frontend: string
  readonly address: string
  readonly port: number
  /** `FILE:LINE` */
  readonly place: string
}

/** No process, and no other listeners but these. */
export function newProxyWorld(
  version: string | undefined,
  listeners: readonly ForeignListener[],
): ProxyWorld {
  return {
    version,
    listeners: [...listeners],
    instances: [],
    sockets: new Map(),
    pidFiles: new Set(),
    nextPid: 1000,
  }
}

/** The version as the program itself says it: with the revision of Debian 12's package. */
export function fullVersion({ version = '' }: ProxyWorld): string {
  return version === '2.6.12' ? '2.6.12-1+deb12u4' : version
}

/** The number of the host's network namespace, which is the first one's on every Linux. */
export const HOST_NETWORK = '4026531840'
