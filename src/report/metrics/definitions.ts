/** What a metric is, in the words of Prometheus. The prefix `slash64_` is left out of the names. */
interface Definition {
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  /**
   * Every label takes its values from a fixed set; names and addresses never are labels. One exception: the names of
   * containers, which only a file that asks for it (`metrics.containers`) brings in.
   */
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[]
}

/** Every metric of ours, of the controller and of a single pass alike: they can never disagree. */
export const DEFINITIONS = {
  build_info: gauge('The version that runs; always 1', 'version', 'node_version'),

  config_valid: gauge('1 when network.yaml, as it was last read, is valid'),
  config_loaded_timestamp_seconds: gauge('When the configuration in use was loaded'),

  reconcile_total: counter('Passes that ended', 'trigger', 'result'),
  reconcile_phase_duration_seconds: histogram(
    'Duration of the parts of a pass',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    'phase',
  ),
  reconcile_duration_seconds: gauge('Duration of the last pass'),
  reconcile_last_run_timestamp_seconds: gauge('End of the last pass, any result'),
  reconcile_last_success_timestamp_seconds: gauge('End of the last pass that left the host as the file says'),
  reconcile_consecutive_failures: gauge('Passes that failed or were rolled back since the last that did not'),
  reconcile_interval_seconds: gauge('Time between two passes in which nothing happens'),
  reconcile_in_progress: gauge('1 while a pass is under way'),
  convergence_duration_seconds: histogram(
    'Time from the moment a change of network.yaml is seen until the host is observed to be so',
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600],
  ),

  managed_resources: gauge('Resources that the file declares', 'kind'),
  drift_resources: gauge('Resources that differ from the file, those held back included', 'kind', 'action'),
  drift_since_timestamp_seconds: gauge('Since when resources differ from the file; 0 when none does', 'kind'),
  drift_detected_total: counter('Changes of the host by others that were found', 'kind'),
  drift_corrected_total: counter('Changes of the host by others that were undone', 'kind'),
  changes_total: counter('Changes that were made, or could not be made', 'kind', 'action', 'result'),
  held_back_resources: gauge('Changes that a guard refuses'),
  foreign_resources: gauge('Objects beside ours, never changed'),
  contended_resources: gauge('Objects that somebody else changes as often as they are restored'),
  postponed_changes: gauge(
    'Changes that the newest pass left for later: others fight for them, or they failed a moment ago',
    'reason',
  ),
  problems: gauge('Everything that is wrong, as the status lists it'),
  host_known: gauge('1 when the host could be read whole in the newest pass'),
  proxy_config_in_sync: gauge('1 when the reverse proxy runs what the file says'),

  monitor_up: gauge(
    '1 while the monitor of the host runs, and hears as far as that can be proved',
    'monitor',
  ),
  monitor_restarts_total: counter('Times that the monitor of the host had to be started again', 'monitor'),
  command_duration_seconds: histogram(
    'Time that programs, and exchanges over sockets, take',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    'tool',
  ),
  command_failures_total: counter('Programs, and exchanges over sockets, that failed', 'tool'),
  commands_late_total: counter(
    'Programs, and exchanges over sockets, that ended well, but after their deadline',
    'tool',
  ),
  rollbacks_total: counter('Passes in which something was applied, did not hold, and was undone'),
  rollback_failures_total: counter('Passes in which something did not hold, and could not be undone'),
  proxy_reloads_total: counter(
    'Times that the reverse proxy was started, or was to load a configuration',
    'result',
  ),
  log_messages_total: counter('Lines of the log', 'level'),

  container_receive_bytes_total: counter('Bytes that the container got', 'container'),
  container_receive_packets_total: counter('Packets that the container got', 'container'),
  container_transmit_bytes_total: counter('Bytes that the container sent', 'container'),
  container_transmit_packets_total: counter('Packets that the container sent', 'container'),
} as const satisfies Readonly<Record<string, Definition>>

export type MetricName = keyof typeof DEFINITIONS

/** The name as it is exported. */
export function fullName(name: MetricName): string {
  return `slash64_${name}`
}

function gauge<const Labels extends readonly string[]>(help: string, ...labels: Labels) {
  return { type: 'gauge', help, labels } as const
}

function counter<const Labels extends readonly string[]>(help: string, ...labels: Labels) {
  return { type: 'counter', help, labels } as const
}

function histogram<const Labels extends readonly string[]>(
  help: string,
  buckets: readonly number[],
  ...labels: Labels
) {
  return { type: 'histogram', help, labels, buckets } as const
}
