import { collectDefaultMetrics, Registry } from 'prom-client'

/** Gauges that are named like counters; `nodejs_active_resources` tells the same by type. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total'
]

let registry: Registry | undefined

/**
 * Memory, processor, garbage collection and event-loop delay, as prom-client's defaults. There is one process, however many
 * relays a test opens in it; it is watched from when somebody first asks.
 */
export function processMetrics(): Registry {
  registry ??= watched()
  return registry
}

function watched(): Registry {
  const register = new Registry()
  collectDefaultMetrics({ register })
  for (const name of misnamed) register.removeSingleMetric(name)
  return register
}
