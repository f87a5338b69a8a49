import { replyText } from '../../engine/observe.ts'
import type { Probe, Replies } from '../../engine/types.ts'
import { holderOf } from '../../formats/sockets.ts'
import type { HostListener } from '../../formats/sockets.ts'
import { linkNamed } from '../../kinds/shared/probes.ts'
import type { Forward, Model } from '../../model/types.ts'
import { HOST_LISTENERS, hostListeners, isUnread, sessionConnections } from './probes.ts'

/** A forward that hides listeners of the host: what is sent to them goes to the container from now on. */
export interface Hiding {
  readonly forward: Forward
  /** Empty: who listens could not be read. */
  readonly listeners: readonly HostListener[]
}

/** Forwards of ports on which the host listens, on an address that they are of or on all. */
export function hidingForwards(model: Model, replies: Replies): readonly Hiding[] {
  const { upstream, nat } = model
  if (nat.forwards.length === 0) return []
  if (isUnread(replies, [HOST_LISTENERS])) return nat.forwards.map((forward) => ({ forward, listeners: [] }))
  const own = linkNamed(replies, upstream.interface)?.addresses.filter(({ family }) => family === 4) ?? []
  const addresses = new Set(upstream.ipv4 === undefined ? own.map(({ address }) => address) : [upstream.ipv4])
  const reached = hostListeners(replies).filter(
    ({ address, families, device }) =>
      families.includes(4) &&
      (address === undefined || addresses.has(address)) &&
      (device === undefined || device === upstream.interface),
  )
  return nat.forwards.flatMap((forward) => {
    const listeners = reached.filter((one) => one.protocol === forward.protocol && isIn(one.port, forward))
    return listeners.length === 0 ? [] : [{ forward, listeners }]
  })
}

function isIn(port: number, { listen }: Forward): boolean {
  return listen.first <= port && port <= listen.last
}

/** By which this host is worked on: a listener of SSH, or the session in which this runs; in words. */
export function wayIn({ forward, listeners }: Hiding, replies: Replies): string | undefined {
  if (listeners.length === 0) return 'who listens there could not be found out'
  const ssh = listeners.find((listener) => isSsh(listener, replies))
  if (ssh !== undefined) return `${holderOf(ssh)} listens there on port ${ssh.port}`
  if (forward.protocol !== 'tcp') return undefined
  const session = sessionConnections(replies).find(({ localPort }) => isIn(localPort, forward))
  return session && `this very session comes by port ${session.localPort}`
}

const SSH = /^(sshd|dropbear|tinysshd)/

/** Where nobody may see who listens, the port that is SSH's everywhere is taken for it. */
function isSsh({ protocol, port, processes }: HostListener, replies: Replies): boolean {
  if (protocol !== 'tcp') return false
  if (processes.length === 0) return port === 22
  if (processes.some(({ program }) => SSH.test(program))) return true
  return processes.some(({ program }) => program === 'systemd') && (port === 22 || isSshSocket(port, replies))
}

/** The units that listen for sshd: Debian's and Ubuntu's, and those of others. */
export const SSH_SOCKETS: Probe = {
  id: 'ssh sockets',
  contained: true,
  mayFail: true,
  argv: ['systemctl', 'show', '-p', 'Listen', 'ssh.socket', 'sshd.socket'],
}

/** `Listen=[::]:2022 (Stream)`. */
function isSshSocket(port: number, replies: Replies): boolean {
  const text = replyText(replies, SSH_SOCKETS.id) ?? ''
  return [...text.matchAll(/:(\d+) \(Stream\)/g)].some(([, number]) => Number(number) === port)
}

/** Whether systemd itself listens for somebody. */
export function isActivated(hidings: readonly Hiding[]): boolean {
  return hidings.some(({ listeners }) =>
    listeners.some(({ processes }) => processes.some(({ program }) => program === 'systemd')),
  )
}
