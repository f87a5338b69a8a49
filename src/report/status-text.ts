import type { Plan } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import type { Paint, Style } from '../text/paint.ts'
import { problemsText } from './problems.ts'
import { changeRows, type TextStyle } from './rows.ts'
import {
  isComplete,
  type AddressStatus,
  type ContainerStatus,
  type State,
  type StatusDocument,
} from './status.ts'
import { countsText, restText } from './summary.ts'

const STATE_STYLE: Readonly<Record<State, Style>> = {
  converged: 'good',
  drifted: 'update',
  degraded: 'error',
  unknown: 'error',
}

const HEADINGS = ['CONTAINER', 'STATE', 'NETWORK', 'IPV6', 'IPV4', 'PROXY NEIGHBOUR', 'EXPOSES'] as const

/** The state as first word; then the upstream interface, the containers, what differs, and what is in the way. */
export function statusText(document: StatusDocument, plan: Plan, style: TextStyle): string {
  const blocks = [
    `${stateLine(document, style.paint)}\n${upstreamLine(document)}\n`,
    tableText(document.containers, style.paint),
    driftText(plan, style),
    problemsText(plan.problems, style.paint),
  ]
  return blocks.filter((block) => block !== '').join('\n')
}

/** A plain word before the first blank, so that `cut -d' ' -f1` finds it. */
function stateLine({ state, summary }: StatusDocument, paint: Paint): string {
  return `${paint(STATE_STYLE[state], state)} ${stateDetail(state, summary)}`
}

function stateDetail(state: State, summary: StatusDocument['summary']): string {
  if (state === 'unknown') return '(the host could not be read whole)'
  if (state === 'converged') return `(${restText(summary)})`
  return `(${countsText(summary)}; ${restText(summary)})`
}

function upstreamLine({ upstream }: StatusDocument): string {
  const { desired, observed } = upstream.ipv4
  const missing = upstream.present === true && desired !== null && !observed.includes(desired)
  const addresses = [...observed, ...(missing ? [`${desired} missing`] : []), ...upstream.ipv6.observed]
  return visible(`upstream ${upstream.interface}: ${[linkText(upstream), ...addresses].join(', ')}`)
}

function linkText({ present, up }: StatusDocument['upstream']): string {
  if (present === null || up === null) return 'unknown'
  if (!present) return 'absent'
  return up ? 'up' : 'down'
}

function tableText(containers: readonly ContainerStatus[], paint: Paint): string {
  if (containers.length === 0) return ''
  const rows = containers.map((container) => containerCells(container).map(visible))
  const widths = HEADINGS.map((heading, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), heading.length),
  )
  const lines = rows.map((row, index) => paintRow(alignRow(row, widths), containers[index], paint))
  return [paint('bold', alignRow(HEADINGS, widths)), ...lines].map((line) => `${line}\n`).join('')
}

function alignRow(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd()
}

function paintRow(line: string, container: ContainerStatus | undefined, paint: Paint): string {
  return container === undefined || container.inSync ? line : paint('update', line)
}

function containerCells(container: ContainerStatus): readonly string[] {
  return [
    container.name,
    container.state,
    container.network,
    addressCell(container.ipv6, container),
    addressCell(container.ipv4, container),
    container.proxyNeighbour === 'none' ? '-' : container.proxyNeighbour,
    exposeCell(container.expose),
  ]
}

/** What should be there, and how it differs when the inside was looked at. */
function addressCell(address: AddressStatus, container: ContainerStatus): string {
  if (address.desired === null) return '-'
  const differs = container.state === 'running' && !isComplete(address)
  return differs ? `${address.desired} missing` : address.desired
}

function exposeCell(expose: readonly string[]): string {
  if (expose.length === 0) return 'none'
  if (expose.includes('all')) return 'all'
  return expose.length === 1 ? '1 port' : `${expose.length} ports`
}

function driftText(plan: Plan, style: TextStyle): string {
  return changeRows(plan.changes, plan.heldBack, style)
    .map((row) => `${row}\n`)
    .join('')
}
