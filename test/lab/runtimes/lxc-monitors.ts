import { readdirSync, readFileSync } from 'node:fs'

/** Ends `lxc-monitord`, which `lxc-monitor` starts for a LXCPATH, and which lives on for half a minute. */
export function endMonitors(path: string): void {
  for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) endMonitor(Number(name), path)
}

function endMonitor(pid: number, path: string): void {
  try {
    const [program = '', of] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    if (program.endsWith('/lxc-monitord') && of === path) process.kill(pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}
