import { listed } from './words.ts'

/** The settings by which a unit of ProtectSystem=strict may write in both directories. systemd makes those that are its own. */
export function places(stateDir: string, runDir: string): string {
  const [state, run] = [managed(stateDir, '/var/lib/'), managed(runDir, '/run/')]
  const others = [...(state === undefined ? [stateDir] : []), ...(run === undefined ? [runDir] : [])]
  return [
    ...(state === undefined ? [] : [`StateDirectory=${listed(state)}`]),
    // The lock is below /run/slash64, wherever the run directory is.
    ...runtime([...new Set(['slash64', ...(run === undefined ? [] : [run])])]),
    ...(others.length === 0 ? [] : [writable(others)]),
  ].join('\n')
}

/** `-`: systemd looks for them before what makes them has run, too. */
export function writable(paths: readonly string[]): string {
  return `ReadWritePaths=${paths.map((path) => listed(`-${path}`)).join(' ')}`
}

/** What makes the directories that systemd does not make, before they are put into the sandbox; a line each, or nothing. */
export function madeBefore(...directories: readonly string[]): string {
  const others = directories.filter((path) => !/^\/(var\/lib|run)\/./.test(path))
  return others.length === 0 ? '' : `ExecStartPre=+/bin/mkdir -p ${others.map(listed).join(' ')}\n`
}

/** The settings for directories below /run, which are to stay while the unit is down. */
export function runtime(names: readonly string[]): readonly string[] {
  return [
    `RuntimeDirectory=${names.map(listed).join(' ')}`,
    'RuntimeDirectoryMode=0700',
    'RuntimeDirectoryPreserve=yes',
  ]
}

/** The path below `root`, under which systemd makes and cleans directories; undefined for other places. */
export function managed(path: string, root: '/var/lib/' | '/run/'): string | undefined {
  return path.startsWith(root) && path.length > root.length ? path.slice(root.length) : undefined
}
