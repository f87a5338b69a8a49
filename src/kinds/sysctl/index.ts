import { defineKind } from '../../engine/define-kind.ts'
import { replyText } from '../../engine/observe.ts'
import type { Conflict, Kind, Observed, Probe, Replies, Resource } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { bridgeSettings, hostSettings } from './settings.ts'
import type { Setting } from './settings.ts'

export interface SysctlSpec {
  readonly value: string
}

/** Kernel settings of the host and its upstream interface. Set, never pruned; `teardown` restores what was found. */
export const sysctl = defineSysctlKind('sysctl', hostSettings, {
  needs: ({ after }) => (after === undefined ? [] : [`sysctl ${sysctlKey(after)}`]),
})

/** The same for our bridges, which must be there first. */
export const bridgeSysctl = defineSysctlKind('bridge-sysctl', bridgeSettings, {
  needs: ({ device }) => (device === undefined ? [] : [`bridge ${device}`]),
})

interface Options {
  readonly needs: (setting: Setting) => readonly string[]
}

function defineSysctlKind(
  name: string,
  settings: (model: Model, acceptRa: string | undefined) => readonly Setting[],
  options: Options,
): Kind<Model, World> {
  return defineKind<Model, World, SysctlSpec>({
    name,
    deletes: 'never',
    probes: (model) => settings(model, undefined).map(probe),
    desired: ({ model, facts }) =>
      settings(model, facts.upstream.acceptRa).map((setting) => resource(setting, options.needs(setting))),
    observe: (replies, { model, facts }) => observe(settings(model, facts.upstream.acceptRa), replies),
    same: (before, after) => before.value === after.value,
    steps: (change) =>
      change.action === 'delete'
        ? []
        : [{ tool: 'sysctl', name: pathOf(change.key), value: change.after.value }],
    reason: (before, after) => `${before.value} -> ${after.value}`,
  })
}

function probe({ path }: Setting): Probe {
  // An interface that is made again has the defaults again.
  return { id: `sysctl ${path}`, sysctl: path, topics: ['link', 'setting'] }
}

function resource({ path, value }: Setting, needs: readonly string[]): Resource<SysctlSpec> {
  return { key: sysctlKey(path), spec: { value }, needs }
}

function observe(settings: readonly Setting[], replies: Replies): Observed<SysctlSpec> {
  const owned: Resource<SysctlSpec>[] = []
  const conflicts: Conflict[] = []
  for (const setting of settings) {
    const value = replyText(replies, probe(setting).id)
    if (value !== undefined) owned.push({ key: sysctlKey(setting.path), spec: { value } })
    // A bridge that is still to be made has no settings yet.
    else if (!setting.ofBridge) conflicts.push(missing(setting))
  }
  return { owned, foreign: [], conflicts }
}

function missing({ path }: Setting): Conflict {
  const ipv6 = path.startsWith('net/ipv6/')
  return {
    key: sysctlKey(path),
    message: `/proc/sys/${path} does not exist`,
    hint: ipv6
      ? 'IPv6 is switched off in this kernel (boot option ipv6.disable=1) or /proc/sys is not the host’s'
      : 'mount the /proc/sys of this network namespace',
  }
}

/** `net/ipv6/conf/eth0.100/forwarding` as sysctl(8) writes it: `net.ipv6.conf.eth0/100.forwarding`. */
export function sysctlKey(path: string): string {
  return path.replaceAll(/[./]/g, (sign) => (sign === '.' ? '/' : '.'))
}

/** The other way round; the same exchange. */
export function pathOf(key: string): string {
  return sysctlKey(key)
}
