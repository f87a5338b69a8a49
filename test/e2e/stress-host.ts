import { spawn } from 'node:child_process'
import type { Lab } from '../lab/lab.ts'
import { inNamespace } from '../lab/process.ts'

const SETTINGS = [
  'ipv4/ip_forward',
  ...['all', 'eth0', 'br-ct'].map((link) => `ipv6/conf/${link}/forwarding`),
  ...['all', 'eth0'].map((link) => `ipv6/conf/${link}/proxy_ndp`),
]

const READS = [
  'ip -N -j -d addr show',
  'ip -N -6 route show proto 164',
  'ip -N -6 neigh show proxy',
  'nft -n -s list ruleset',
  ...SETTINGS.map((path) => `echo ${path} $(cat /proc/sys/net/${path})`),
]

const STORM = 'storm0'

interface LinkShown {
  readonly ifname: string
  readonly flags: readonly string[]
  readonly mtu: number
  readonly address?: string
  readonly master?: string
  readonly ifalias?: string
  readonly linkinfo?: { readonly info_slave_data?: Readonly<Record<string, unknown>> }
  readonly addr_info: readonly { readonly local: string; readonly scope: string; readonly metric?: number }[]
}

/**
 * What stands on the host, as facts that can be compared: links, addresses, routes, proxy neighbours, settings, and every part of
 * the ruleset. Read by the raw tools, so that it does not rest on what slash64 thinks that it sees.
 */
export async function standing(lab: Lab): Promise<readonly string[]> {
  const text = await lab.run('host', ['sh', '-c', READS.join('; ')], { timeout: 30_000 })
  const [links = '[]', ...rest] = text.stdout.split('\n')
  const shown: readonly LinkShown[] = parsed(links)
  // Elements of a set are shown in no order.
  const parts = rest.flatMap((line) => line.split(/[,{}]/)).map((part) => part.trim().replaceAll(/\s+/g, ' '))
  const facts = [...shown.filter(isWatched).map(asText), ...parts.filter((part) => part !== '')]
  return facts.toSorted()
}

function parsed(text: string): readonly LinkShown[] {
  try {
    return JSON.parse(text)
  } catch {
    return []
  }
}

function isWatched({ ifname }: LinkShown): boolean {
  return ifname !== 'lo' && ifname !== STORM
}

/** A pair that is made again has another number, and another MAC on the host's side. */
function asText({
  ifname,
  flags,
  mtu,
  address,
  master,
  ifalias,
  linkinfo,
  addr_info: all,
}: LinkShown): string {
  const { hairpin, isolated } = linkinfo?.info_slave_data ?? {}
  const addresses = all
    .filter(({ scope }) => scope === 'global')
    .map(({ local, metric }) => `${local} ${metric}`)
  const facts = {
    up: flags.includes('UP'),
    mtu,
    master,
    ifalias,
    hairpin,
    isolated,
    addresses: addresses.toSorted(),
  }
  return `link ${ifname} ${JSON.stringify({ ...facts, ...(ifname === 'br-ct' && { address }) })}`
}

/** What is missing (-) and what is too much (+). */
export function differences(wanted: readonly string[], found: readonly string[]): readonly string[] {
  return [
    ...without(wanted, found).map((fact) => `- ${fact}`),
    ...without(found, wanted).map((fact) => `+ ${fact}`),
  ]
}

function without(these: readonly string[], those: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const one of those) left.set(one, (left.get(one) ?? 0) + 1)
  return these.filter((one) => {
    const count = left.get(one) ?? 0
    left.set(one, count - 1)
    return count <= 0
  })
}

/** A device of somebody else’s, on which routes come and go; not every kernel has dummies. */
export async function prepareStorms(lab: Lab): Promise<void> {
  await lab.ip(
    'host',
    `link add ${STORM} type bridge`,
    `link set ${STORM} up`,
    `addr add 192.0.2.1/24 dev ${STORM}`,
  )
}

/** So many routes of somebody else's come and go, faster than a monitor may read of them: its socket overruns. */
export async function storm(lab: Lab, routes: number): Promise<void> {
  const lines = Array.from({ length: routes }, (_, index) => {
    const route = `198.18.${(index >> 8) & 255}.${index & 255}/32 dev ${STORM} proto 77`
    return `route add ${route}\nroute del ${route}\n`
  })
  await lab.run('host', ['ip', '-batch', '-'], { input: lines.join(''), timeout: 60_000 })
}

/** How many messages the kernel has dropped for route sockets of the host that were not read in time (`man 7 netlink`). */
export async function drops(lab: Lab): Promise<number> {
  const [, ...lines] = (await lab.must('host', ['cat', '/proc/net/netlink'])).trim().split('\n')
  const counts = lines.map((line) => line.trim().split(/\s+/)).filter(([, family]) => family === '0')
  return counts.reduce((sum, fields) => sum + Number(fields[8]), 0)
}

/** So many processes of somebody else's that want a processor all the time; ends them by its result. */
export function busyLoops(lab: Lab, count: number): () => void {
  const [command = '', ...args] = inNamespace(lab.namespace('router'), ['sh', '-c', 'while :; do :; done'])
  const loops = Array.from({ length: count }, () => spawn(command, args, { stdio: 'ignore' }))
  const end = (): void => loops.forEach((loop) => void loop.kill('SIGKILL'))
  process.once('exit', end)
  return () => {
    process.off('exit', end)
    end()
  }
}
