import type { SystemError } from '../system/errors.ts'
import type { Netns, PlannedChange, Problem } from './types.ts'
import { reference } from './types.ts'

const PACKAGE: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  haproxy: 'haproxy',
  nsenter: 'util-linux',
  flock: 'util-linux',
  'lxc-info': 'lxc',
  'lxc-monitor': 'lxc',
  docker: 'docker.io',
  machinectl: 'systemd-container',
}

/** The condition that a failed read or effect is: what, the exact command and its words, the way out. */
export function problemOfError(error: SystemError, stage: 'observe' | 'apply'): Problem {
  const tool = error.subject.split(' ')[0] ?? ''
  switch (error.code) {
    case 'missing-tool':
      return {
        code: 'S64-H001',
        message: `the program "${tool}" was not found in PATH (${error.detail})`,
        hint: `install it (apt-get install ${PACKAGE[tool] ?? tool}), or put its directory into PATH (often /usr/sbin)`,
      }
    case 'denied':
      return {
        code: 'S64-H002',
        message: `no permission: ${error.message}`,
        hint: deniedHint(error),
      }
    case 'read-only':
      return {
        code: 'S64-H003',
        message: `not writable: ${error.message}`,
        hint: readOnlyHint(error),
      }
    case 'crashed':
      return {
        code: 'S64-H004',
        message: `${error.message}; the state of the host is unknown`,
        hint: crashHint(tool),
      }
    case 'timeout':
      return {
        code: 'S64-H005',
        message: `${error.message}`,
        hint: 'see what keeps the command from ending, then run again',
      }
    case 'garbled':
      return {
        code: 'S64-H006',
        message: `${error.message}; the state of the host is unknown`,
        hint: `run the command by hand to see what it prints; nothing is planned on a reading that is not whole`,
      }
    case 'rolled-back':
      return {
        code: ROLLED_BACK,
        message: error.message,
        hint: 'the file still asks for it: the next pass tries again; see why it did not come up, or take it out of the file',
      }
    case 'rollback-failed':
      return {
        code: ROLLBACK_FAILED,
        message: error.message,
        hint: 'routes may be served by nobody: see what keeps the reverse proxy from starting; the next pass tries again',
      }
    default: {
      const hint = otherHint(error)
      return {
        code: stage === 'observe' ? 'S64-H007' : 'S64-A001',
        message: error.message,
        ...(hint !== undefined && { hint }),
      }
    }
  }
}

function readOnlyHint({ subject }: SystemError): string {
  return subject.startsWith('/proc/sys/')
    ? 'mount /proc/sys of this network namespace read-write (in a systemd unit: ReadWritePaths=/proc/sys/net)'
    : 'the file system is mounted read-only: mount it read-write, or choose another place (--state-dir, --run-dir)'
}

function deniedHint({ subject, detail }: SystemError): string {
  if (subject.startsWith('lock ')) return 'run as root: who changes the host takes the lock first'
  if (/ root( alone)?$|than root may write/.test(detail))
    return `see who made it, and remove it, or make it root's alone (chown root:root ${subject}; chmod go= ${subject})`
  return subject.startsWith('ip -n ')
    ? "run as root: entering a container's namespace needs CAP_SYS_ADMIN beside CAP_NET_ADMIN"
    : 'run as root, or with CAP_NET_ADMIN in the network namespace of the host'
}

function otherHint({ subject, detail }: SystemError): string | undefined {
  const [, netns] = /^ip -n (\S+)/.exec(subject) ?? []
  if (netns !== undefined && detail.includes('Invalid argument'))
    return `the name ${netns} leads to no namespace any more: remove it (ip netns delete ${netns})`
  if (detail.includes('IPv6 is disabled')) {
    const inside = netns === undefined ? '' : `${enterCommand(netns)} `
    return `switch it on (${inside}sysctl net.ipv6.conf.all.disable_ipv6=0), or leave ipv6 out of network.yaml`
  }
  return undefined
}

/** A process's network has no name; see Netns. */
function enterCommand(netns: Netns): string {
  const [, pid] = /^@(\d+)\//.exec(netns) ?? []
  return pid === undefined ? `ip netns exec ${netns}` : `nsenter -t ${pid} -n`
}

function crashHint(tool: string): string {
  if (tool !== 'nft') return 'run the command by hand to see why it ends by a signal'
  return (
    'nft up to 1.1.1 crashes when another program with nft 1.1.2 or newer made a named set on this host: ' +
    'install the newer nft here, or remove that table'
  )
}

/** The problem of one change whose effect failed. */
export function problemOfChange(change: PlannedChange, error: SystemError): Problem {
  return { ...problemOfError(error, 'apply'), resource: reference(change.kind, change.key) }
}

const SKIPPED = 'S64-A002'
/** What was applied did not hold, and was undone whole. */
export const ROLLED_BACK = 'S64-A003'
/** The same, and what was there before could not be brought back. */
export const ROLLBACK_FAILED = 'S64-A004'

/** Whether a guard refused part of the file: nothing failed, and it can be allowed. */
export function isRefusal({ code }: Problem): boolean {
  return code.startsWith('S64-G')
}

export function skippedProblem(change: PlannedChange, blocker: string): Problem {
  return {
    code: SKIPPED,
    message: `not done: it needs ${blocker}, which could not be made`,
    resource: reference(change.kind, change.key),
  }
}

/** Conditions of the whole host, which every read or effect runs into. */
const OF_THE_HOST = new Set(['S64-H001', 'S64-H002', 'S64-H003'])

/** One missing program, privilege or read-only mount fails many effects: that is one condition, told once. */
export function folded(problems: readonly Problem[]): readonly Problem[] {
  const groups = new Map<string, Problem[]>()
  for (const problem of problems) {
    const isOfTheHost = OF_THE_HOST.has(problem.code)
    const group = isOfTheHost ? `${problem.code} ${problem.hint}` : `${problem.code} ${problem.message}`
    groups.set(group, [...(groups.get(group) ?? []), problem])
  }
  return [...groups.values()].flatMap(foldGroup)
}

function foldGroup([first, ...rest]: readonly Problem[]): readonly Problem[] {
  if (first === undefined) return []
  if (!OF_THE_HOST.has(first.code)) return oneByResource([first, ...rest])
  const others = new Set(rest.map(({ message }) => message).filter((message) => message !== first.message))
    .size
  if (others === 0) return [first]
  const { code, message, hint } = first
  return [
    { code, message: `${message} (and ${others} more like it)`, ...(hint === undefined ? {} : { hint }) },
  ]
}

/**
 * A transaction that failed takes all its resources along, with the same words, and what is skipped is skipped for the
 * same reason: of the first more than two are counted, of the others, which people look for, more than five.
 */
function oneByResource(problems: readonly Problem[]): readonly Problem[] {
  const distinct = [...new Map(problems.map((problem) => [problem.resource, problem])).values()]
  const [first] = distinct
  if (first === undefined || distinct.length <= (first.code === SKIPPED ? 5 : 2)) return distinct
  const { code, message, hint } = first
  return [{ code, message: `${message} (${distinct.length} resources)`, ...(hint !== undefined && { hint }) }]
}
