import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import { createLog } from '../../src/observe/log.ts'
import { relayMetrics } from '../../src/observe/relay-metrics.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { assembleRelay } from '../../src/relay.ts'
import { openStore } from '../../src/store/store.ts'
import { keepTickShape } from '../../src/tick-shape.ts'
import { report } from './report.ts'

// The relay as it runs, on a file, verification and fsync included. BENCH_LOOPS=off leaves out what comes after the answer.
void keepTickShape()
const { BENCH_LOOPS, ...env } = process.env
const config = loadConfig(env)
const connections = loadConnections({ config, env, platforms })
const metrics = relayMetrics()
const store = await openStore(config.databaseUrl, { onCommit: metrics.committed })
const log = createLog(config.logLevel)
const relay = assembleRelay({
  config,
  connections,
  platforms,
  store,
  log,
  now: Date.now,
  random: Math.random,
  metrics
})
await relay.listen()
if (BENCH_LOOPS !== 'off') relay.run()
report(relay.app.server, () => relay.stop(10_000))
