import type { RuntimeType } from '../config/types.ts'
import type { Finding } from '../config/issue.ts'
import { findDuplicates } from './duplicates.ts'
import type { Use } from './duplicates.ts'
import type { Scope, ScopedContainer } from './scope.ts'

/** What a runtime calls its containers. The schema has seen to it that no name looks like an option or a path. */
const NAMES: Readonly<Partial<Record<RuntimeType, readonly [rule: RegExp, words: string]>>> = {
  docker: [/^[A-Za-z0-9][A-Za-z0-9_.-]+$/, 'two or more letters, digits, "_", "." and "-"'],
  podman: [/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "_", "." and "-", no "_" first'],
  incus: [
    /^[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
    'at most 63 letters, digits and inner hyphens, a letter first',
  ],
  nspawn: [
    /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
    'a host name of at most 64 characters',
  ],
}

/** Where LXC looks unless told (LXCPATH). */
const USUAL_PATH = '/var/lib/lxc'

/** Faults of what containers are called by their runtimes. */
export function checkRuntimes(scope: Scope): readonly Finding[] {
  const containers = [...scope.containers.values()]
  return [
    ...containers.flatMap((container) => [...checkName(container), ...checkPath(container)]),
    ...findDuplicates(containers.flatMap(runtimeUse), 'S64-M020'),
  ]
}

function checkName({ name, config, runtime }: ScopedContainer): readonly Finding[] {
  const [rule, words] = NAMES[runtime.type] ?? []
  if (rule === undefined || rule.test(runtime.name)) return []
  const message = `"${runtime.name}" is not the name of a container of ${runtime.type}: ${words}`
  const isWritten = typeof config.runtime === 'object' && config.runtime.name !== undefined
  return isWritten
    ? [{ code: 'S64-M035', path: ['containers', name, 'runtime', 'name'], message }]
    : [{ code: 'S64-M035', path: ['containers', name], message, at: 'key' }]
}

function checkPath({ name, runtime }: ScopedContainer): readonly Finding[] {
  if (runtime.type === 'lxc' || runtime.path === undefined) return []
  const message = `only containers of lxc have a path, not those of ${runtime.type}`
  return [{ code: 'S64-M036', path: ['containers', name, 'runtime', 'path'], message }]
}

/** `none` names nothing that exists. */
function runtimeUse({ name, runtime }: ScopedContainer): readonly Use[] {
  if (runtime.type === 'none') return []
  const place = runtime.type === 'lxc' ? (runtime.path ?? USUAL_PATH) : ''
  const key = `${runtime.type} ${runtime.name} ${place}`
  return [{ key, label: () => `${runtime.type} "${runtime.name}"`, path: ['containers', name], at: 'key' }]
}
