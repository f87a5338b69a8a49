import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Kind, Resource, Step } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { NFT, standingTables, tablesOf, UNSEEN } from './tables.ts'
import type { StandingTable } from './tables.ts'
import { declarationOf, isAsDeclared } from '../nft-set/declarations.ts'
import type { SetName } from '../nft-set/declarations.ts'

/** One element of a set or map of our tables, in nft's canonical text. */
export interface ElementSpec {
  readonly set: SetName
  readonly element: string
  readonly data?: string
}

interface ElementKind {
  readonly name: string
  readonly sets: readonly SetName[]
  /** `early` when a missing element only closes something; `late` when it would open something. */
  readonly deletes: 'early' | 'late'
  /** A missing element leaves something open. */
  readonly protects?: true
  /** It only goes along with other resources. */
  readonly accompanies?: true
  /** What it wants rests on what the host is like now. */
  readonly followsHost?: true
  /** Elements that stay as they are although they are not desired. */
  readonly keeps?: (spec: ElementSpec, world: World) => boolean
  readonly desired: (world: World) => readonly ElementSpec[]
  /** What an element stands for; it is taken away only when that is gone. */
  readonly guards?: (spec: ElementSpec) => readonly string[]
  /** Why an element goes although nothing left the file. */
  readonly withdrawal?: (spec: ElementSpec, world: World) => string | undefined
  /** Further steps, for what an element's change leaves behind. */
  readonly aftermath?: (change: Change<ElementSpec>, world: World) => readonly Step[]
}

/** A kind whose resources are the elements of some sets: one entry is the unit of change. */
export function defineElementKind(kind: ElementKind): Kind<Model, World> {
  return defineKind<Model, World, ElementSpec>({
    name: kind.name,
    deletes: kind.deletes,
    ...(kind.protects && { protects: true }),
    ...(kind.accompanies && { accompanies: true }),
    ...(kind.followsHost && { followsHost: true }),
    probes: () => NFT,
    desired: (world) => desired(kind, world),
    observe: (replies, world) => {
      const tables = standingTables(replies, world)
      if (tables.some(({ table }) => !table.whole)) return UNSEEN
      const owned = observed(kind, tables)
      return {
        owned: kind.keeps ? withoutKept(owned, kind.keeps, kind, world) : owned,
        foreign: [],
      }
    },
    same: (before, after) => before.data === after.data,
    steps: (change, world) => [...elementSteps(change), ...(kind.aftermath?.(change, world) ?? [])],
    reason: (before, after) => `${before.data} -> ${after.data}`,
    withdrawal: (spec, world) => {
      const why = kind.withdrawal?.(spec, world)
      return why && `withdrawn: ${why}`
    },
  })
}

function desired(kind: ElementKind, world: World): readonly Resource<ElementSpec>[] {
  const tables = tablesOf(world)
  return kind
    .desired(world)
    .filter(({ set }) => tables.includes(declarationOf(set).table))
    .map(elementResource)
}

function elementResource(spec: ElementSpec): Resource<ElementSpec> {
  return { key: `${spec.set} ${spec.element}`, spec }
}

/** What is kept is nobody's drift; but what is wanted as well is compared like anything else. */
function withoutKept(
  owned: readonly Resource<ElementSpec>[],
  keeps: NonNullable<ElementKind['keeps']>,
  kind: ElementKind,
  world: World,
): readonly Resource<ElementSpec>[] {
  const kept = new Set(owned.filter(({ spec }) => keeps(spec, world)))
  if (kept.size === 0) return owned
  const wanted = new Set(desired(kind, world).map(({ key }) => key))
  return owned.filter((one) => wanted.has(one.key) || !kept.has(one))
}

/**
 * The elements of a set that is not as declared do not count: it will be made anew, empty. In an order of ours: the kernel
 * hashes them by chance, and two plans of one host must have the same text.
 */
function observed(kind: ElementKind, tables: readonly StandingTable[]): readonly Resource<ElementSpec>[] {
  return kind.sets.flatMap((name) => {
    const standing = tables.find((candidate) => candidate.name === declarationOf(name).table)
    const set = standing?.table.sets.find((one) => one.name === name && isAsDeclared(standing.name, one))
    const elements = (set?.elements ?? []).toSorted((one, other) => (one.key < other.key ? -1 : 1))
    return elements.map(({ key, data }) => {
      const spec = { set: name, element: key, ...(data === undefined ? {} : { data }) }
      return { ...elementResource(spec), needs: kind.guards?.(spec) ?? [] }
    })
  })
}

function elementSteps(change: Change<ElementSpec>): readonly Step[] {
  switch (change.action) {
    case 'create':
      return [addStep(change.after)]
    case 'update':
      return [removeStep(change.before), addStep(change.after)]
    case 'delete':
      return [removeStep(change.before)]
  }
}

function addStep({ set, element, data }: ElementSpec): Step {
  return {
    tool: 'nft',
    rank: 'add',
    set: fullName(set),
    element: data === undefined ? literal(set, element) : `${literal(set, element)} : ${data}`,
  }
}

function removeStep({ set, element }: ElementSpec): Step {
  return { tool: 'nft', rank: 'remove', set: fullName(set), element: literal(set, element) }
}

/** `inet slash64 bridges`. */
function fullName(set: SetName): string {
  return `${declarationOf(set).table} ${set}`
}

/** nft takes interface names only in quotes; everything else is numbers and addresses. */
function literal(set: SetName, element: string): string {
  const [first, ...rest] = element.split(' . ')
  const quoted = declarationOf(set).datatype.startsWith('ifname') ? `"${first}"` : first
  return [quoted, ...rest].join(' . ')
}
