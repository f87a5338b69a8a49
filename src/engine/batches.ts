import type { PlannedChange, Step } from './types.ts'

export interface Task {
  readonly change: PlannedChange
  readonly step: Step
}

/** Steps that one driver call takes: of one tool, and for `ip` of one namespace. */
export interface Batch {
  readonly tool: Step['tool']
  readonly netns: string | undefined
  readonly tasks: readonly Task[]
}

/**
 * Parts the steps into stages that run one after the other; the batches inside a stage run side by side. Only the
 * insides of containers share a stage: they do not depend on each other. Connection tracking follows the firewall
 * transaction that it belongs to, instead of tearing it in two.
 */
export function inBatches(changes: readonly PlannedChange[]): readonly (readonly Batch[])[] {
  const stages: Task[][] = []
  for (const task of conntrackBehindNft(runsOfOneKind(changes).flatMap(insideLast))) {
    const stage = stages.at(-1)
    if (stage?.[0] !== undefined && stageOf(stage[0].step) === stageOf(task.step)) stage.push(task)
    else stages.push([task])
  }
  return stages.map(batchesOf)
}

/** Changes of one kind and one direction do not depend on each other. */
function runsOfOneKind(changes: readonly PlannedChange[]): readonly (readonly PlannedChange[])[] {
  const runs: PlannedChange[][] = []
  for (const change of changes) {
    const run = runs.at(-1)
    const [first] = run ?? []
    const continues =
      first?.kind === change.kind && (first.action === 'delete') === (change.action === 'delete')
    if (run && continues) run.push(change)
    else runs.push([change])
  }
  return runs
}

/** The host's side of all of them first, then the insides: two stages, not two for each container. */
function insideLast(changes: readonly PlannedChange[]): readonly Task[] {
  const tasks = changes.flatMap((change) => change.steps.map((step): Task => ({ change, step })))
  const inside = ({ step }: Task) => step.tool === 'ip' && step.netns !== undefined
  return [...onceLast(tasks.filter((task) => !inside(task))), ...onceLast(tasks.filter(inside))]
}

/** What many changes ask for once comes once, behind the rest. */
function onceLast(tasks: readonly Task[]): readonly Task[] {
  const isOnce = ({ step }: Task) => step.tool === 'ip' && 'line' in step && step.once === true
  const distinct = new Map(tasks.filter(isOnce).map((task) => [JSON.stringify(task.step), task]))
  return [...tasks.filter((task) => !isOnce(task)), ...distinct.values()]
}

function stageOf(step: Step): string {
  if (step.tool !== 'ip') return step.tool
  return step.netns === undefined ? 'ip' : 'ip inside'
}

function batchesOf(stage: readonly Task[]): readonly Batch[] {
  return [...groupByNamespace(stage)].map(([netns, tasks]) => ({
    tool: tasks[0]?.step.tool ?? 'ip',
    netns,
    tasks: [...tasks.filter(isSetting), ...tasks.filter((task) => !isSetting(task))],
  }))
}

/** Settings of a namespace are written before the lines that run there, by the same process. */
function isSetting({ step }: Task): boolean {
  return step.tool === 'ip' && 'setting' in step
}

function groupByNamespace(stage: readonly Task[]): Map<string | undefined, Task[]> {
  const groups = new Map<string | undefined, Task[]>()
  for (const task of stage) {
    const netns = namespaceOf(task.step)
    const group = groups.get(netns)
    if (group) group.push(task)
    else groups.set(netns, [task])
  }
  return groups
}

function namespaceOf(step: Step): string | undefined {
  return step.tool === 'ip' ? step.netns : undefined
}

function conntrackBehindNft(tasks: readonly Task[]): readonly Task[] {
  const ordered: Task[] = []
  let waiting: Task[] = []
  for (const task of tasks) {
    if (task.step.tool === 'conntrack') waiting.push(task)
    else {
      if (task.step.tool !== 'nft') {
        ordered.push(...waiting)
        waiting = []
      }
      ordered.push(task)
    }
  }
  return [...ordered, ...waiting]
}
