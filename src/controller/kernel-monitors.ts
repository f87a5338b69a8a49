import { lineReader, MONITOR_ARGV } from './monitor-lines.ts'
import type { Monitor } from './monitors.ts'
import { MONITORS } from './types.ts'

/** What the kernel tells of, whatever the file says. */
export const KERNEL_MONITORS: readonly Monitor[] = MONITORS.map((name) => ({
  name,
  argv: MONITOR_ARGV[name],
  reader: () => lineReader(name),
  missed: { trigger: 'monitor' },
  // What it died of was an event, too.
  ...(name === 'nft' && { ended: { trigger: 'nft', topics: new Set(['firewall'] as const) } }),
  unheard: 'changes by others are seen at the interval only',
}))
