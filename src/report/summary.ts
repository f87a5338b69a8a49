import type { Plan, PlannedChange } from '../engine/types.ts'

/** How many resources a plan creates, updates and deletes, holds back, and leaves alone. */
export interface Summary {
  readonly create: number
  readonly update: number
  readonly delete: number
  readonly heldBack: number
  readonly inSync: number
  readonly foreign: number
}

export const EMPTY_SUMMARY: Summary = { create: 0, update: 0, delete: 0, heldBack: 0, inSync: 0, foreign: 0 }

export function summarise(plan: Plan): Summary {
  const { inSync, foreign } = plan
  return { ...countActions(plan.changes), heldBack: plan.heldBack.length, inSync, foreign }
}

function countActions(changes: readonly PlannedChange[]): Pick<Summary, PlannedChange['action']> {
  const counts = { create: 0, update: 0, delete: 0 }
  for (const change of changes) counts[change.action] += 1
  return counts
}

/** `1 to create, 0 to update, 0 to delete`, and `, 3 held back` when there are such. */
export function countsText(summary: Summary): string {
  const held = summary.heldBack === 0 ? '' : `, ${summary.heldBack} held back`
  return `${summary.create} to create, ${summary.update} to update, ${summary.delete} to delete${held}`
}

/** `41 in sync, 2 foreign`. */
export function restText(summary: Summary): string {
  return `${summary.inSync} in sync, ${summary.foreign} foreign`
}

/** `1 container`, `2 containers`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
