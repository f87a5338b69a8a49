import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'

export const UNIT = 'slash64-proxy.service'

/** Whether systemd is the init system (sd_booted(3)): what is started beside it would end with who started it. */
export async function hasSystemd(system: System): Promise<boolean> {
  try {
    await system.readFile('/run/systemd/system')
    return true
  } catch (error) {
    // A directory cannot be read either: it is there.
    if (error instanceof SystemError) return error.code !== 'not-found'
    throw error
  }
}

/** A unit with other paths would start nothing (its condition), or something else, and say that all is well. */
export async function expectUnit(paths: readonly string[], system: System): Promise<void> {
  const text = await properties(system)
  if (!isLoaded(text)) throw refusal('is not installed: run "slash64 install"')
  const missing = paths.filter((path) => !text.includes(` ${path} `))
  if (missing.length === 0) return
  throw refusal(`its ExecStart= does not name ${missing.join(' ')}, as --state-dir and --run-dir want it`)
}

function refusal(detail: string): SystemError {
  return new SystemError({ code: 'other', subject: UNIT, detail })
}

export async function startUnit(system: System): Promise<void> {
  await system.run(['systemctl', 'start', UNIT])
}

/** A unit that is not there runs nothing. */
export async function stopUnit(system: System): Promise<void> {
  if (isLoaded(await properties(system))) await system.run(['systemctl', 'stop', UNIT])
}

async function properties(system: System): Promise<string> {
  return system.query(['systemctl', 'show', '--property=LoadState,ExecStart', UNIT])
}

function isLoaded(text: string): boolean {
  return text.includes('LoadState=loaded\n')
}
