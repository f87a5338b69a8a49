/** What the units must know of a host. All paths are absolute and without `.` and `..`. */
export interface UnitOptions {
  /** What starts slash64: Node.js and the program's file. */
  readonly program: readonly string[]
  readonly file: string
  readonly stateDir: string
  readonly runDir: string
  readonly interval: string
  readonly listen: string
  readonly logFormat: string
}

export interface UnitFile {
  readonly name: string
  readonly text: string
}

/** What a command line need not say. */
export const UNIT_DEFAULTS = {
  file: '/etc/slash64/network.yaml',
  stateDir: '/var/lib/slash64',
  runDir: '/run/slash64',
  interval: '30s',
  listen: '127.0.0.1:9464',
  logFormat: 'auto',
} as const satisfies Omit<UnitOptions, 'program'>

/** The first line of every unit: what bears it is ours to replace. */
export const UNIT_MARK = '# slash64: written by "slash64 install"'
