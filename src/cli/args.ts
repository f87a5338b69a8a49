import { parseArgs } from 'node:util'
import { COLOR_CHOICES, type ColorChoice } from './color.ts'
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandName,
  type CommandSpec,
  type Format,
  type Option,
} from './options.ts'
import type { Permission } from '../app/types.ts'
import { suggest } from '../text/suggest.ts'
import { isDuration, isListenAddress, milliseconds } from './values.ts'

/** `auto`: for the journal where our words go there, else for people. */
export const LOG_FORMATS = ['auto', 'text', 'journal', 'json'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** What a command is told, every default filled in. */
export interface Arguments {
  readonly command: CommandName
  readonly file: string
  readonly output: Format
  readonly detailedExitcode: boolean
  readonly stateDir: string
  readonly runDir: string
  readonly quiet: boolean
  readonly color: ColorChoice
  readonly once: boolean
  readonly yes: boolean
  readonly interval: string
  readonly listen: string
  readonly metricsTextfile: string | undefined
  /** Milliseconds. */
  readonly lockTimeout: number
  readonly logFormat: LogFormat
  readonly unitDir: string
  readonly print: boolean
  readonly force: boolean
  /** What guards are not to refuse. */
  readonly allow: ReadonlySet<Permission>
  /** What stands behind the command, where it takes a name; else empty. */
  readonly name: string
  readonly pid: string | undefined
  readonly last: string | undefined
}

export type Parsed =
  | { readonly ok: 'run'; readonly arguments: Arguments }
  | { readonly ok: 'help'; readonly command: CommandSpec | undefined }
  | { readonly ok: 'version' }
  /** `command` is the one whose help is worth reading. */
  | { readonly ok: false; readonly message: string; readonly command: CommandSpec | undefined }

type Values = ReadonlyMap<string, string>

/** Reads the words after the program's name. Never throws: wrong usage is an answer. */
export function parseArguments(argv: readonly string[]): Parsed {
  const tokens = tokenise(argv)
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const isHelp = words[0] === 'help'
  const [name, ...extra] = isHelp ? words.slice(1) : words
  const command = COMMANDS.find((spec) => spec.name === name)
  if (name !== undefined && command === undefined) return unknownCommand(name)
  const known = command === undefined ? COMMON_OPTIONS : [...command.options, ...COMMON_OPTIONS]
  const values = new Map<string, string>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const fault = optionFault(token, known)
    if (fault !== undefined) return { ok: false, message: fault, command }
    values.set(token.name, token.value ?? '')
  }
  if (isHelp || values.has('help')) return { ok: 'help', command }
  if (values.has('version')) return { ok: 'version' }
  if (command === undefined) return { ok: false, message: 'no command given', command }
  const [argument = '', more] = command.argument === undefined ? ['', extra[0]] : extra
  if (more !== undefined) return { ok: false, message: `unexpected argument "${more}"`, command }
  if (command.argument !== undefined && argument === '')
    return { ok: false, message: `${command.name} needs a ${command.argument}`, command }
  return fillIn(command, argument, values)
}

/** Every option is known to the tokeniser, so that values are told from commands; what is allowed comes after. */
function tokenise(argv: readonly string[]) {
  const all = [...COMMON_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)]
  const options = Object.fromEntries(
    all.map(({ name, short, value }) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const)
      return [name, { type, ...(short !== undefined && { short }) }]
    }),
  )
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function unknownCommand(name: string): Parsed {
  const near = suggest(
    name,
    COMMANDS.map((spec) => spec.name),
  )
  return { ok: false, message: `unknown command "${name}"${didYouMean(near)}`, command: undefined }
}

function optionFault(token: OptionToken, known: readonly Option[]): string | undefined {
  const option = known.find(({ name }) => name === token.name)
  if (option === undefined) return unknownOption(token, known)
  if (option.value === undefined) return token.inlineValue ? `${token.rawName} takes no value` : undefined
  const { value } = token
  const looksLikeOption =
    !token.inlineValue && value !== undefined && value.length > 1 && value.startsWith('-')
  if (value === undefined || value === '' || looksLikeOption)
    return `${token.rawName} needs a value: ${option.value}`
  return undefined
}

function unknownOption(token: OptionToken, known: readonly Option[]): string {
  const owners = COMMANDS.filter(({ options }) => options.some(({ name }) => name === token.name))
  if (owners.length > 0)
    return `${token.rawName} is an option of ${owners.map(({ name }) => name).join(' and ')} only`
  const near = suggest(
    token.name,
    known.map(({ name }) => name),
  )
  return `unknown option ${token.rawName}${didYouMean(near && `--${near}`)}`
}

function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean ${near}?`
}

function fillIn(command: CommandSpec, name: string, values: Values): Parsed {
  const output = command.formats.find((format) => format === (values.get('output') ?? 'text'))
  const color = COLOR_CHOICES.find((choice) => choice === (values.get('color') ?? 'auto'))
  const interval = values.get('interval') ?? '30s'
  const listen = values.get('listen') ?? '127.0.0.1:9464'
  const logFormat = LOG_FORMATS.find((choice) => choice === (values.get('log-format') ?? 'auto'))
  const wrong = (message: string): Parsed => ({ ok: false, message, command })
  if (output === undefined) return wrong(`--output of ${command.name} must be ${oneOf(command.formats)}`)
  if (color === undefined) return wrong(`--color must be ${oneOf(COLOR_CHOICES)}`)
  if (logFormat === undefined) return wrong(`--log-format must be ${oneOf(LOG_FORMATS)}`)
  if (!isDuration(interval) || milliseconds(interval) < LEAST_INTERVAL)
    return wrong('--interval must be a time such as 500ms, 30s, 5m or 1h, and 100ms at least')
  const lockTimeout = values.get('lock-timeout') ?? '0'
  if (lockTimeout !== '0' && !isDuration(lockTimeout))
    return wrong('--lock-timeout must be 0, or a time such as 500ms, 30s, 5m or 1h')
  if (!isListenAddress(listen))
    return wrong('--listen must be an address and port such as 127.0.0.1:9464 or [::1]:9464')
  const file = values.get('file') ?? (command.name === 'install' ? INSTALLED_FILE : 'network.yaml')
  const checked = { command: command.name, name, file, output, color, interval, listen, logFormat }
  const wait = lockTimeout === '0' ? 0 : milliseconds(lockTimeout)
  return { ok: 'run', arguments: { ...checked, lockTimeout: wait, ...plainValues(values) } }
}

/** Milliseconds; a pass takes some of them. */
const LEAST_INTERVAL = 100

/** A unit has no working directory that means anything. */
const INSTALLED_FILE = '/etc/slash64/network.yaml'

type PlainValue =
  | 'detailedExitcode'
  | 'stateDir'
  | 'runDir'
  | 'unitDir'
  | 'quiet'
  | 'once'
  | 'yes'
  | 'print'
  | 'force'
  | 'allow'
  | 'metricsTextfile'
  | 'pid'
  | 'last'

function plainValues(values: Values): Pick<Arguments, PlainValue> {
  return {
    detailedExitcode: values.has('detailed-exitcode'),
    stateDir: values.get('state-dir') ?? '/var/lib/slash64',
    runDir: values.get('run-dir') ?? '/run/slash64',
    unitDir: values.get('unit-dir') ?? '/etc/systemd/system',
    quiet: values.has('quiet'),
    once: values.has('once'),
    yes: values.has('yes'),
    print: values.has('print'),
    force: values.has('force'),
    allow: new Set(PERMISSIONS.filter((name) => values.has(`allow-${name}`))),
    metricsTextfile: values.get('metrics-textfile'),
    pid: values.get('pid'),
    last: values.get('last'),
  }
}

/** `--allow-lockout` for `lockout`. */
const PERMISSIONS: readonly Permission[] = ['lockout', 'empty', 'deletes']

function oneOf(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}`
}
