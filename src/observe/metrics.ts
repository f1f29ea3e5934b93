import { operations } from '../model/call.ts'
import { rejectionCauses } from '../model/rejection.ts'

/**
 * Every metric of the relay by name: `docs/metrics.md` is generated from this list, and what `deploy/prometheus` asks for is
 * tested against it. Names and units are those of Prometheus: seconds, counters that end in `_total`.
 *
 * Labels have few values, and none that strangers could make up: platforms, connections and workspaces are those of the
 * settings. Customers, bookings and whatever people write are never a label.
 */

/** What the values are, or the only ones there are. */
export type Label = string | readonly string[]

export interface Metric {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: Readonly<Record<string, Label>>
  /** Upper ends, in the metric's unit. */
  buckets?: readonly number[]
  /** Read from the store when somebody asks, so every relay on it says the same. Absent while the store does not answer. */
  ofStore?: true
}

const platform = 'a platform of the connections file, `seam` for calls of internal services, or `(unknown)`'
const connection = 'id of a connection'
const workspace = 'id of a workspace'
const status = ['2xx', '3xx', '4xx', '429', '5xx', 'none'] as const

export const metrics = {
  relay_build_info: {
    type: 'gauge',
    help: 'Always 1; which version this is.',
    labels: { version: 'of the package' }
  },
  relay_connection_info: {
    type: 'gauge',
    help: 'Always 1; one for each connection of the connections file.',
    labels: { connection, platform: 'its platform', workspace: 'its workspace' }
  },

  relay_requests_total: {
    type: 'counter',
    help: 'Requests at the addresses for webhooks: taken in, known before, rejected, or turned away with 429 (busy), 503 (overloaded), or 503 as they could not be stored (failed).',
    labels: { platform, outcome: ['accepted', 'duplicate', 'rejected', 'busy', 'overloaded', 'failed'] }
  },
  relay_requests_rejected_total: {
    type: 'counter',
    help: 'Rejected requests by cause; docs/errors.md explains the causes.',
    labels: { connection: 'id of a connection, or `(unknown)`', cause: rejectionCauses }
  },
  relay_ack_duration_seconds: {
    type: 'histogram',
    help: 'From the first line of a webhook to the end of its 200, body, verification and disk included.',
    labels: {},
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  },
  relay_api_requests_total: {
    type: 'counter',
    help: 'Answers to internal services.',
    labels: { route: 'the address, without what callers wrote into it', status }
  },
  relay_last_received_timestamp_seconds: {
    type: 'gauge',
    help: 'When the newest delivery of a connection was taken in. Absent where there is none.',
    labels: { connection },
    ofStore: true
  },

  relay_commit_duration_seconds: {
    type: 'histogram',
    help: 'Time for a transaction to be on disk, its way there included.',
    labels: {},
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
  },
  relay_commit_batch_size: {
    type: 'histogram',
    help: 'Commits that shared one transaction.',
    labels: {},
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
  },
  relay_commits_failed_total: {
    type: 'counter',
    help: 'Transactions that the disk or the database refused.',
    labels: {}
  },
  relay_store_up: {
    type: 'gauge',
    help: '1 where the store has answered what these metrics asked of it, else 0.',
    labels: {}
  },

  relay_translations_total: {
    type: 'counter',
    help: 'What became of deliveries: taken into the desired state, ignored, waiting for a setting (held), a dead letter, or tried again later (postponed).',
    labels: { platform, outcome: ['translated', 'ignored', 'held', 'dead', 'postponed'] }
  },
  relay_hydrations_total: {
    type: 'counter',
    help: 'Readings from platforms’ APIs, of bookings and of places: answered, no answer or asked to wait (unavailable), refused our credentials (unauthorized), refused the request, or failed here.',
    labels: { platform, outcome: ['answered', 'unavailable', 'unauthorized', 'refused', 'failed'] }
  },
  relay_changes_total: {
    type: 'counter',
    help: 'What deliveries did to resources: changed what Seam should hold, changed nothing, was superseded by something newer before it came (stale), or waits for what is missing (held).',
    labels: { outcome: ['changed', 'unchanged', 'stale', 'held'] }
  },

  relay_seam_calls_total: {
    type: 'counter',
    help: 'Calls to Seam; none: no answer.',
    labels: { workspace, operation: operations, status }
  },
  relay_seam_call_duration_seconds: {
    type: 'histogram',
    help: 'How long calls to Seam took.',
    labels: { operation: operations, status },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30]
  },
  relay_resources_settled_total: {
    type: 'counter',
    help: 'Resources that Seam has agreed to, as pushed or as deleted.',
    labels: { operation: operations }
  },
  relay_resources_refused_total: {
    type: 'counter',
    help: 'Resources that Seam has refused for good: dead letters.',
    labels: { operation: operations }
  },
  relay_end_to_end_duration_seconds: {
    type: 'histogram',
    help: 'Each time that all changes of a customer are through to Seam: the time since the oldest delivery was received that brought one of them.',
    labels: {},
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400]
  },
  relay_leases_lost_total: {
    type: 'counter',
    help: 'Work that took longer than its lease, so that another worker has gone on with it.',
    labels: { stage: ['translate', 'sync'] }
  },

  relay_backlog: {
    type: 'gauge',
    help: 'Work that may go on or is in hand (due), work that waits for its time (scheduled), and work that rests until somebody resumes it (paused): deliveries to be translated, customers to be sent (sync), places to be read, resources to be drawn again. Counted up to 100000.',
    labels: { stage: ['translate', 'sync', 'places', 'redraw'], state: ['due', 'scheduled', 'paused'] },
    ofStore: true
  },
  relay_oldest_due_age_seconds: {
    type: 'gauge',
    help: 'For how long the oldest work of a stage could have gone on; 0 where nothing is due. What waits because Seam or a platform failed is not due, nor is what is paused; what stands in line for a call is, also where calls take long.',
    labels: { stage: ['translate', 'sync', 'places'] },
    ofStore: true
  },
  relay_oldest_unsent_age_seconds: {
    type: 'gauge',
    help: 'Since when the oldest delivery was received whose changes Seam has not agreed to, whatever it is that they wait for; 0 where there is none. What Seam refused for good does not count, nor what is paused.',
    labels: {},
    ofStore: true
  },
  relay_paused: {
    type: 'gauge',
    help: 'Connections, customers and workspaces that somebody has paused, and nobody has resumed.',
    labels: { of: ['connection', 'customer', 'workspace'] },
    ofStore: true
  },
  relay_dead_letters: {
    type: 'gauge',
    help: 'Deliveries that could not be translated, and resources that Seam refused (sync), until they are run again or changed. Counted up to 100000.',
    labels: { stage: ['translate', 'sync'] },
    ofStore: true
  },
  relay_held: {
    type: 'gauge',
    help: 'Deliveries that wait for a setting (translate), and stays that wait for what is missing (desired). Counted up to 100000.',
    labels: { stage: ['translate', 'desired'] },
    ofStore: true
  },
  relay_arrivals_unsent: {
    type: 'gauge',
    help: 'Stays that begin, or have begun, within 24 hours and are not at Seam as they should be: on their way (pending), refused by Seam, or held.',
    labels: { within: ['24h'], because: ['pending', 'refused', 'held'] },
    ofStore: true
  },
  relay_workspace_stopped: {
    type: 'gauge',
    help: '1 where Seam refuses the key, or the address is wrong: nothing is sent to the workspace.',
    labels: { workspace },
    ofStore: true
  },
  relay_workspace_wait_until_timestamp_seconds: {
    type: 'gauge',
    help: 'Until when nothing is sent to the workspace, as Seam asked to wait or refused the key; 0 where it never has.',
    labels: { workspace },
    ofStore: true
  }
} as const satisfies Record<string, Metric>

export type Metrics = typeof metrics
export type MetricName = keyof Metrics
export type NameOf<Type extends Metric['type']> = {
  [Name in MetricName]: Metrics[Name]['type'] extends Type ? Name : never
}[MetricName]

/** Each label with one of its values. */
export type LabelsOf<Name extends MetricName> = {
  [L in keyof Metrics[Name]['labels']]: Metrics[Name]['labels'][L] extends readonly (infer Value extends
    string)[]
    ? Value
    : string
}

/** As {@link Metric}, for those who look at all of them alike. */
export const metricsByName: Readonly<Record<string, Metric>> = metrics
