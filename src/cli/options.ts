/** What a command line may hold, in the words that help shows. The parser and every help text come from here. */
export interface Option {
  readonly name: string
  readonly short?: string
  /** What stands for the value in help; without it the option is a switch. */
  readonly value?: string
  readonly help: string
}

export type CommandName =
  'validate' | 'plan' | 'reconcile' | 'attach' | 'events' | 'status' | 'render' | 'teardown' | 'install'
export type Format = 'text' | 'json' | 'markdown'

export interface CommandSpec {
  readonly name: CommandName
  readonly summary: string
  readonly details: string
  readonly formats: readonly Format[]
  readonly options: readonly Option[]
  /** What must stand behind the command. */
  readonly argument?: string
  readonly example: string
}

export const COMMON_OPTIONS: readonly Option[] = [
  {
    name: 'file',
    short: 'f',
    value: 'FILE',
    help: 'the configuration; - is standard input (default network.yaml)',
  },
  { name: 'output', short: 'o', value: 'FORMAT', help: 'text, json or markdown (default text)' },
  { name: 'detailed-exitcode', help: 'exit with 2 when there are or were changes' },
  { name: 'state-dir', value: 'DIR', help: 'what must outlive a reboot (default /var/lib/slash64)' },
  { name: 'run-dir', value: 'DIR', help: 'what must not (default /run/slash64)' },
  { name: 'quiet', short: 'q', help: 'print errors only; what --output or render asks for stays' },
  { name: 'color', value: 'WHEN', help: 'auto, always or never (default auto; NO_COLOR is honoured)' },
  { name: 'help', short: 'h', help: 'show help' },
  { name: 'version', help: 'print the version' },
]

const CONTROLLER_OPTIONS: readonly Option[] = [
  { name: 'interval', value: 'TIME', help: 'controller: look again this often (default 30s)' },
  {
    name: 'listen',
    value: 'ADDRESS',
    help: 'controller: metrics and status by HTTP (default 127.0.0.1:9464)',
  },
  { name: 'log-format', value: 'FORMAT', help: 'controller: auto, text, journal or json (default auto)' },
]

const LOCK_TIMEOUT: Option = {
  name: 'lock-timeout',
  value: 'TIME',
  help: 'wait so long while another instance is at work (default 0)',
}

const ALLOW_OPTIONS: readonly Option[] = [
  { name: 'allow-lockout', help: 'apply what would cut off this host, or who works on it' },
  { name: 'allow-empty', help: 'apply a file that has no container left' },
  { name: 'allow-deletes', help: 'delete however much has left the file' },
]

const RECONCILE_OPTIONS: readonly Option[] = [
  { name: 'once', help: 'one pass, then exit' },
  ...ALLOW_OPTIONS,
  LOCK_TIMEOUT,
  { name: 'metrics-textfile', value: 'FILE', help: 'with --once: write metrics for the node exporter' },
  ...CONTROLLER_OPTIONS,
]

const INSTALL_OPTIONS: readonly Option[] = [
  { name: 'print', help: 'print the units and write nothing; needs no root' },
  { name: 'unit-dir', value: 'DIR', help: 'where they are written (default /etc/systemd/system)' },
  { name: 'force', help: 'overwrite units that were not written by install' },
  ...CONTROLLER_OPTIONS,
]

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'validate',
    summary: 'check the file; needs no root and no host',
    details:
      'Reads only the configuration and reports every error with its place. Exits with 78 when there are any.',
    formats: ['text', 'json', 'markdown'],
    options: [],
    example: 'slash64 validate -f network.yaml',
  },
  {
    name: 'plan',
    summary: 'show what differs; cannot change the host',
    details:
      'Observes the host and prints what reconcile would do: + create, ~ update, - delete, ! held back.',
    formats: ['text', 'json', 'markdown'],
    options: ALLOW_OPTIONS,
    example: 'slash64 plan --detailed-exitcode -o markdown > comment.md',
  },
  {
    name: 'reconcile',
    summary: 'make the host what the file says',
    details: 'Observes, plans, applies, and observes again; what is left is reported, never assumed.',
    formats: ['text', 'json', 'markdown'],
    options: RECONCILE_OPTIONS,
    example: 'slash64 reconcile --once',
  },
  {
    name: 'attach',
    summary: 'give one container its network as it starts; for hooks of its runtime',
    details:
      'Reads and changes no other container, and deletes nothing; a controller that runs is asked to do it.\nWithout --pid the runtime is asked for the process, which one that is only starting does not answer.\nExits with 0 when the container has its network.',
    formats: ['text', 'json'],
    argument: 'NAME',
    options: [
      {
        name: 'pid',
        value: 'PID',
        help: 'its first process; - is the state that an OCI hook has on standard input',
      },
    ],
    example: 'slash64 attach blog --pid "$LXC_PID"',
  },
  {
    name: 'events',
    summary: 'what the controller heard, read and did lately, and why; root only',
    details:
      'Asks the controller that runs for its last 2,000 events; the newest is printed last.\nExits with 1 when none runs here. SIGUSR2 makes it write the same to events.json in its run directory.',
    formats: ['text', 'json'],
    options: [{ name: 'last', value: 'N', help: 'only so many, the newest' }],
    example: 'slash64 events --last 50',
  },
  {
    name: 'status',
    summary: 'one word first, then each container and route as it should be and is',
    details: 'The word is converged, drifted, degraded (something is in the way) or unknown (a read failed).',
    formats: ['text', 'json', 'markdown'],
    options: [],
    example: "slash64 status | head -n 1 | cut -d' ' -f1",
  },
  {
    name: 'render',
    summary: 'print the resolved desired state; needs no root and no host',
    details:
      'Every default and address spelled out, the A and AAAA that each name should have, and the files of the proxy.',
    formats: ['text', 'json', 'markdown'],
    options: [],
    example: 'slash64 render -o json',
  },
  {
    name: 'teardown',
    summary: 'remove what is ours and restore what was found',
    details:
      'Prints what it would remove and asks; without a terminal it needs --yes.\nNeeds no configuration; where there is one, addresses of ours on interfaces of its containers go, too.',
    formats: ['text', 'json', 'markdown'],
    options: [{ name: 'yes', short: 'y', help: 'do not ask' }, LOCK_TIMEOUT],
    example: 'slash64 teardown --yes',
  },
  {
    name: 'install',
    summary: 'write the systemd units of the controller for this host',
    details:
      'Writes slash64.service, slash64.path and slash64-proxy.service for this program and these options.\nThe file is /etc/slash64/network.yaml unless --file names another. Starts nothing.',
    formats: ['text', 'json'],
    options: INSTALL_OPTIONS,
    example: 'slash64 install && systemctl enable --now slash64.service',
  },
]

export const COMMAND_NAMES: readonly CommandName[] = COMMANDS.map(({ name }) => name)
