import type { Registry } from 'prom-client'
import { MONITORS, TOOLS, type ControllerEvent, type MonitorName } from '../../controller/types.ts'
import { makeCounter, makeGauge, makeHistogram } from './make.ts'

/** Whether network.yaml is valid, and since when what is in use is so. */
export function fileRecorder(registry: Registry): (event: ControllerEvent) => void {
  const valid = makeGauge('config_valid', registry)
  const loaded = makeGauge('config_loaded_timestamp_seconds', registry)
  let isLoaded = false
  return (event) => {
    if (event.type !== 'file') return
    valid.set(event.valid ? 1 : 0)
    // A faulty file takes nothing out of use; only at the start it makes us load the last good one.
    if (!event.valid && isLoaded) return
    loaded.set(event.at.getTime() / 1000)
    isLoaded = true
  }
}

/**
 * Whether the monitors run, all programs of one name, and how often they had to be started again. Those of runtimes have no
 * series while the file asks for none.
 */
export function monitorRecorder(registry: Registry): (event: ControllerEvent) => void {
  const up = makeGauge('monitor_up', registry)
  const restarts = makeCounter('monitor_restarts_total', registry)
  for (const monitor of MONITORS) {
    up.set({ monitor }, 0)
    restarts.inc({ monitor }, 0)
  }
  const failed = new Set<string>()
  const running = new Map<MonitorName, Map<string, boolean>>()
  return (event) => {
    if (event.type !== 'monitor') return
    const { name: monitor, program = monitor } = event
    const programs = running.get(monitor) ?? new Map<string, boolean>()
    running.set(monitor, programs)
    if (event.unwanted) {
      programs.delete(program)
      failed.delete(program)
    } else programs.set(program, event.up)
    if (programs.size === 0) up.remove({ monitor })
    else up.set({ monitor }, [...programs.values()].every((isUp) => isUp) ? 1 : 0)
    if (event.unwanted) return
    if (!event.up) failed.add(program)
    else if (failed.delete(program)) restarts.inc({ monitor })
  }
}

/** How long programs take, whether they fail, and whether they are late. */
export function commandRecorder(registry: Registry): (event: ControllerEvent) => void {
  const duration = makeHistogram('command_duration_seconds', registry)
  const failures = makeCounter('command_failures_total', registry)
  const late = makeCounter('commands_late_total', registry)
  for (const tool of TOOLS) {
    duration.zero({ tool })
    failures.inc({ tool }, 0)
    late.inc({ tool }, 0)
  }
  return (event) => {
    if (event.type === 'late') late.inc({ tool: event.tool })
    if (event.type !== 'command') return
    duration.observe({ tool: event.tool }, event.seconds)
    if (!event.ok) failures.inc({ tool: event.tool })
  }
}
