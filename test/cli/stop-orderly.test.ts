import Fastify from 'fastify'
import t from 'tap'
import { stopOrderly } from '../../src/cli/stop-orderly.ts'
import { createLog } from '../../src/observe/log.ts'

t.test('what never ends is left to the next start, and the log says so', async t => {
  const events: unknown[] = []
  const log = createLog('info', { write: line => void events.push(JSON.parse(line).event) })
  const relay = {
    app: Fastify(),
    drain: () => void events.push('drain'),
    stop: () => new Promise<never>(() => undefined)
  }
  await stopOrderly(relay, 'SIGTERM', { drainDelayMs: 1, shutdownTimeoutMs: 20 }, log)
  t.same(events, ['relay.stopping', 'drain', 'relay.stop_cut_short'])
})
