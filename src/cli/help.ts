import { COMMANDS, COMMON_OPTIONS, type CommandSpec, type Option } from './options.ts'

const EXIT_CODES = `Exit codes:
  0   fine
  1   something failed
  2   there are or were changes (only with --detailed-exitcode)
  3   applied and rolled back
  4   refused by a guard, or another instance holds the lock
  64  wrong usage
  78  the configuration is wrong
`

/** Help of the program, or of one command; ends with a newline, no line is longer than 100 columns. */
export function helpText(command: CommandSpec | undefined): string {
  return command === undefined ? programHelp() : commandHelp(command)
}

function programHelp(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const commands = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`).join('')
  return [
    'slash64 makes a container host what network.yaml says: one /64, one IPv4, many containers.\n',
    'Usage: slash64 COMMAND [OPTIONS]\n',
    `Commands:\n${commands}`,
    `Options:\n${optionLines(COMMON_OPTIONS)}`,
    EXIT_CODES,
    'Help for a command: slash64 COMMAND --help\n',
  ].join('\n')
}

function commandHelp(command: CommandSpec): string {
  const common = COMMON_OPTIONS.map((option) =>
    option.name === 'output' ? { ...option, help: `${command.formats.join(' or ')} (default text)` } : option,
  )
  return [
    `slash64 ${command.name}: ${command.summary}\n`,
    `Usage: slash64 ${command.name}${command.argument === undefined ? '' : ` ${command.argument}`} [OPTIONS]\n`,
    `${command.details}\n`,
    ...(command.options.length === 0 ? [] : [`Options of ${command.name}:\n${optionLines(command.options)}`]),
    `Options:\n${optionLines(common)}`,
    `Example:\n  ${command.example}\n`,
    EXIT_CODES,
  ].join('\n')
}

function optionLines(options: readonly Option[]): string {
  const width = Math.max(...options.map((option) => spelling(option).length))
  return options.map((option) => `  ${spelling(option).padEnd(width)}  ${option.help}\n`).join('')
}

function spelling({ name, short, value }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`
  return short === undefined ? `    ${long}` : `-${short}, ${long}`
}
