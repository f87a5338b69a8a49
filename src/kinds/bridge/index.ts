import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Conflict, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Link } from '../../formats/ip-links.ts'
import type { Model, Network } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { aliasOf, MARK_TEXT } from '../../model/identity.ts'
import { isOurs } from '../shared/is-ours.ts'
import { LINKS, links } from '../shared/probes.ts'

export interface BridgeSpec {
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  readonly alias: string
  readonly group: string
  /** It learns MACs from frames to reserved groups, which come by no hook of the firewall. */
  readonly linkLocalLearn: boolean
}

/** The bridge of each network. Its MAC is fixed: by itself a bridge takes the lowest of its ports (T19). */
export const bridge = defineKind<Model, World, BridgeSpec>({
  name: 'bridge',
  deletes: 'late',
  probes: () => [LINKS],
  desired: ({ model }) => model.networks.map(desiredBridge),
  observe,
  same: (before, after) => changedSettings(before, after) === '',
  steps,
})

function desiredBridge({ name, mac, mtu }: Network): Resource<BridgeSpec> {
  const spec = { mac, mtu, up: true, alias: aliasOf(name), group: MARK_TEXT, linkLocalLearn: false }
  return { key: name, spec }
}

function observe(replies: Replies, { model }: World): Observed<BridgeSpec> {
  const names = new Set(model.networks.map(({ name }) => name))
  const all = links(replies)
  const bridges = all.filter(({ type }) => type === 'bridge')
  const owned = bridges.filter((link) => isOurs(link, names))
  return {
    owned: owned.map((link) => ({ key: link.name, spec: specOf(link) })),
    foreign: bridges.filter((link) => !owned.includes(link)).map(({ name }) => name),
    conflicts: all.filter((link) => names.has(link.name) && !owned.includes(link)).map(inTheWay),
  }
}

function specOf({ mac, mtu, up, alias, group, linkLocalLearn }: Link): BridgeSpec {
  return { mac, mtu, up, alias, group, linkLocalLearn }
}

function inTheWay({ name, type }: Link): Conflict {
  return {
    key: name,
    message: `an interface ${name} (${type ?? 'device'}) exists that slash64 did not make`,
    hint:
      `give the network another name in network.yaml; or remove that interface (ip link delete dev ${name}); ` +
      `or hand it over (ip link set dev ${name} alias ${aliasOf(name)}), if it is a bridge`,
  }
}

function steps(change: Change<BridgeSpec>): readonly Step[] {
  const { key } = change
  switch (change.action) {
    case 'create': {
      const { mac, mtu, group, alias } = change.after
      return [
        line(
          `link add name ${key} address ${mac} mtu ${mtu} group ${group} up type bridge ${learning(false)}`,
        ),
        line(`link set dev ${key} alias ${alias}`),
      ]
    }
    case 'update':
      return [line(`link set dev ${key} ${changedSettings(change.before, change.after)}`)]
    case 'delete':
      return [line(`link delete dev ${key}`)]
  }
}

function changedSettings(before: BridgeSpec, after: BridgeSpec): string {
  return [
    before.mac !== after.mac && `address ${after.mac}`,
    before.mtu !== after.mtu && `mtu ${after.mtu}`,
    before.group !== after.group && `group ${after.group}`,
    before.alias !== after.alias && `alias ${after.alias}`,
    before.up !== after.up && 'up',
    // What follows the type is the bridge's own.
    before.linkLocalLearn !== after.linkLocalLearn && `type bridge ${learning(after.linkLocalLearn)}`,
  ]
    .filter((part) => part)
    .join(' ')
}

function learning(learns: boolean): string {
  return `no_linklocal_learn ${learns ? 0 : 1}`
}

function line(text: string): Step {
  return { tool: 'ip', line: text }
}
