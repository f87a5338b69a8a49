import type { Plan } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import type { Paint, Style } from '../text/paint.ts'
import type { Source } from './background.ts'
import { problemsText } from './problems.ts'
import { changeRows, type TextStyle } from './rows.ts'
import {
  isComplete,
  type AddressStatus,
  type ContainerStatus,
  type State,
  type StatusDocument,
} from './status.ts'
import { reverseProxyLine, routesTable } from './status-routes-text.ts'
import { countsText, restText } from './summary.ts'
import { alignColumns } from './table.ts'

const STATE_STYLE: Readonly<Record<State, Style>> = {
  converged: 'good',
  drifted: 'update',
  degraded: 'error',
  unknown: 'error',
}

const HEADINGS = ['CONTAINER', 'STATE', 'NETWORK', 'IPV6', 'IPV4', 'PROXY NEIGHBOUR', 'EXPOSES'] as const

/**
 * The state as first word; then the upstream interface and the reverse proxy, the containers, the routes, what
 * differs, and what is in the way.
 */
export function statusText(document: StatusDocument, plan: Plan, style: TextStyle, source?: Source): string {
  const { paint } = style
  const blocks = [
    `${stateLine(document, paint)}\n${upstreamLine(document)}\n${reverseProxyLine(document, paint)}`,
    tableText(document.containers, paint),
    routesTable(document, paint),
    driftText(plan, style),
    problemsText(plan.problems, paint, source),
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
  const cells = containers.map((container) => containerCells(container).map(visible))
  const [heading = '', ...lines] = alignColumns([HEADINGS, ...cells])
  const painted = lines.map((line, index) => paintRow(line, containers[index], paint))
  return [paint('bold', heading), ...painted].map((line) => `${line}\n`).join('')
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
