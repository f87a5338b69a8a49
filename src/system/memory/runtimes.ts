import { notModelled, ToolFailure } from './fail.ts'
import type { ContainerRuntime, MemoryContainer, World } from './state.ts'

/**
 * What `lxc-info` (LXC 5.0), `docker` (28), `podman` (4.3), `incus` (6.0) and `machinectl` (systemd 252) say of the containers:
 * the forms that are asked, and no other.
 */
export function askRuntime(world: World, tool: string, args: readonly string[]): string | undefined {
  return ANSWERS[tool]?.(world, args)
}

const ANSWERS: Readonly<Record<string, (world: World, args: readonly string[]) => string>> = {
  docker: (world, args) => inspect(world, 'docker', asked('docker', args, DOCKER)),
  incus: (world, args) => {
    asked('incus', args, INCUS)
    return `${JSON.stringify(all(world, 'incus').map(instanceJson))}\n`
  },
  'lxc-info': (world, args) => lxcInfo(world, asked('lxc-info', args, LXC)),
  machinectl: (world, args) => showMachine(world, asked('machinectl', args, MACHINE)),
  podman: (world, args) => inspect(world, 'podman', asked('podman', args, PODMAN)),
}

const NAME = String.raw`\w[\w.-]*`
const LXC = new RegExp(`^-n (${NAME}) -H -s -p$`)
const MACHINE = new RegExp(`^show (${NAME}) -p Name -p Leader -p State$`)
const INCUS = /^list local: --project default --format json()$/
const DOCKER = new RegExp(`^--context default container inspect (${NAME}(?: ${NAME})*)$`)
const PODMAN = new RegExp(`^container inspect (${NAME}(?: ${NAME})*)$`)

/** The names in the command; what is not of this form is not modelled. */
function asked(tool: string, args: readonly string[], form: RegExp): readonly string[] {
  const names = form.exec(args.join(' '))?.[1]
  if (names === undefined) throw notModelled(`${tool} ${args.join(' ')}`)
  return names.split(' ')
}

function all({ containers }: World, type: ContainerRuntime): readonly MemoryContainer[] {
  return [...containers.values()].filter((one) => one.type === type)
}

function lxcInfo({ containers }: World, [name = '']: readonly string[]): string {
  const found = containers.get(`lxc ${name}`)
  if (found === undefined) throw new ToolFailure(`${name} doesn't exist`, 1, true)
  if (found.pid === 0) return 'State:          STOPPED\n'
  return `State:          ${found.frozen ? 'FROZEN' : 'RUNNING'}\nPID:            ${found.pid}\n`
}

function showMachine({ containers }: World, [name = '']: readonly string[]): string {
  const pid = containers.get(`nspawn ${name}`)?.pid ?? 0
  if (pid === 0) throw new ToolFailure(`Could not get path to machine: No machine '${name}' known`, 1, true)
  return `Name=${name}\nLeader=${pid}\nState=running\n`
}

function instanceJson({ name, pid, frozen }: MemoryContainer): unknown {
  const status = pid === 0 ? 'Stopped' : frozen ? 'Frozen' : 'Running'
  const state = { status, network: null, pid }
  return { name, status, location: 'none', type: 'container', project: 'default', state }
}

function inspect(world: World, tool: 'docker' | 'podman', names: readonly string[]): string {
  const results = names.map((name) => lookUp(all(world, tool), name))
  const found = results.flatMap((result) => (typeof result === 'string' ? [] : [inspectJson(tool, result)]))
  const text = `${JSON.stringify(found, undefined, 4)}\n`
  const faults = results.filter((result) => typeof result === 'string')
  if (faults.length === 0) return text
  // Podman ends at once where it cannot tell which one is meant.
  const ambiguous = faults.find((fault) => fault.startsWith('several'))
  if (tool === 'podman' && ambiguous !== undefined)
    throw new ToolFailure(
      `Error: more than one result for container ID ${ambiguous.slice(8)}: container already exists`,
      125,
      true,
    )
  throw new ToolFailure(
    faults.map((fault) => complaint(tool, fault)).join('\n'),
    tool === 'docker' ? 1 : 125,
    true,
    text,
  )
}

/** By name, else by the beginning of an ID; a text where that is none, or several. */
function lookUp(known: readonly MemoryContainer[], name: string): MemoryContainer | string {
  const [byId, ...others] = known.filter(({ id }) => id.startsWith(name))
  const found = known.find((one) => one.name === name) ?? byId
  if (found === undefined) return `nothing ${name}`
  return found === byId && others.length > 0 ? `several ${name}` : found
}

function complaint(tool: 'docker' | 'podman', fault: string): string {
  const name = fault.slice(8)
  if (tool === 'podman') return `Error: inspecting object: no such container ${name}`
  const why = fault.startsWith('several') ? 'multiple IDs found with provided prefix' : 'No such container'
  return `Error response from daemon: ${why}: ${name}`
}

function inspectJson(tool: 'docker' | 'podman', { id, name, pid, frozen }: MemoryContainer): unknown {
  const status = pid === 0 ? 'exited' : frozen ? 'paused' : 'running'
  return { Id: id, State: { Status: status, Pid: pid }, Name: tool === 'docker' ? `/${name}` : name }
}
