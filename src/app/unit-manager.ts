import { hasSystemd } from '../drivers/haproxy/systemd.ts'
import type { System } from '../system/port.ts'

/** Makes systemd read its units again; resolves to false where it is not the init system. */
export async function reloadUnits(system: System): Promise<boolean> {
  if (!(await hasSystemd(system))) return false
  await system.run(['systemctl', 'daemon-reload'])
  return true
}
