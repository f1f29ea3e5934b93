import { type Label, type Metric, metricsByName } from '../src/observe/metrics.ts'

const introduction = `# Metrics

\`GET /metrics\` answers in Prometheus' text format, on the relay's own port. The tables at the end are generated from
\`src/observe/metrics.ts\` by \`npm run generate\`; alerts and a dashboard that use them are in
[deploy/prometheus](../deploy/prometheus/README.md).

## Who may read them

Whoever reaches the relay, unless \`RELAY_METRICS_TOKEN\` is set; then only who sends \`Authorization: Bearer\` with it. There is no second
port: a scrape finds the metrics where it finds everything else, and the probes, the Service and the policies are those that there
are. From outside they cannot be reached where the ingress hands on \`/webhooks/\` alone, as in
[deploy/kubernetes](../deploy/kubernetes). Where your proxy hands on every path, set the token.

They hold the names of platforms and the ids of connections and workspaces, and numbers. Customers, bookings, people and keys are never
in them.

\`\`\`yaml
scrape_configs:
  - job_name: seam-relay
    scrape_interval: 15s
    static_configs:
      - targets: ["relay.internal:3000"]
    # Only where RELAY_METRICS_TOKEN is set:
    authorization:
      credentials_file: /etc/prometheus/seam-relay-token
\`\`\`

## Several relays

- **Counters and histograms** are each relay's own, since its start: add them up, \`sum(rate(relay_requests_total[5m]))\`.
- **What is read from the store** is marked below. All relays on one store tell the same: take the greatest,
  \`max by (stage) (relay_oldest_due_age_seconds)\`, and never the sum.
- **Of each connection and cause** \`relay_requests_rejected_total\` begins with the first request that was refused, at 1, and is not there
  before: thousands of connections with ten causes each would be told at every scrape for nothing. \`increase\` and \`rate\` count what follows
  on the first only; the alert \`RelayRequestsRejected\` counts that one too.

What is read from the store is read when somebody asks, and good for 5 s. It is found by indexes of what is under way or in trouble, so that
it costs the same however long the history is; of a large backlog it is read less often, so that the store gives no more than two
hundredths of its time to it. While the store does not answer, these metrics are absent and \`relay_store_up\` is 0: alerts on them have to
take "no data" for bad news.

## Received until at Seam

\`relay_end_to_end_duration_seconds\` is measured for each customer. A customer's row in the store remembers when the oldest delivery was received
whose changes are still to be sent. When a relay has sent all that there was, and Seam has agreed or refused each of it for good, the time
since then is one observation. So a burst of ten webhooks that goes out in one call counts once, with the wait of the first of them; the
quiet window, waits for a platform's API, failed calls and starts of the relay are all within it. Deliveries that change nothing for Seam do
not count, and neither does what follows from an edit of the settings. A delivery that is run again counts from when it was received at
first, if it changes something.

\`relay_oldest_unsent_age_seconds\` is the same time for the oldest that has not come to its end. It also grows while Seam is down, which
\`relay_oldest_due_age_seconds\` does not: what waits after Seam failed is not due. What is [paused](operations.md#pausing) counts for neither of the
two, and for its customer's end to end when it is resumed.
`

const processText = `
## The process

Beside them are the metrics of the process and of Node, under the names that every Node service has:
\`process_cpu_seconds_total\`, \`process_resident_memory_bytes\`, \`process_open_fds\`, \`process_start_time_seconds\`, \`nodejs_heap_size_used_bytes\`,
\`nodejs_gc_duration_seconds\`, and of the event loop's delay since the last scrape \`nodejs_eventloop_lag_p99_seconds\`,
\`nodejs_eventloop_lag_max_seconds\` and others. Where two servers scrape one relay, each sees the delay since the other one's scrape.
`

const sections: [heading: string, intro: string, belongs: (metric: Metric) => boolean][] = [
  ['Counted by each relay', '', metric => metric.ofStore !== true],
  ['Read from the store', 'The same from every relay on it.\n\n', metric => metric.ofStore === true]
]

/** docs/metrics.md */
export function metricsPage(): string {
  const tables = sections.map(([heading, intro, belongs]) => {
    const rows = Object.entries(metricsByName).filter(([, metric]) => belongs(metric))
    const head = '| metric | type | labels | what it tells |\n| --- | --- | --- | --- |\n'
    return `\n## ${heading}\n\n${intro}${head}${rows.map(([name, metric]) => rowOf(name, metric)).join('')}`
  })
  return `${introduction}${tables.join('')}${processText}`
}

function rowOf(name: string, { type, labels, help }: Metric): string {
  const described = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${valuesOf(values)}`)
  return `| \`${name}\` | ${type} | ${described.join('<br>')} | ${help} |\n`
}

function valuesOf(label: Label): string {
  return typeof label === 'string' ? label : label.map(value => `\`${value}\``).join(', ')
}
