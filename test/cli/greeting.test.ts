import t from 'tap'
import { greeting } from '../../src/cli/greeting.ts'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { demoFolder } from './demo-relay.ts'

t.test('another terminal is told where the relay listens, unless it knows', async t => {
  const { env } = demoFolder(t)
  const connections = loadConnections({ config: loadConfig(env), env, platforms })
  const next = (origin: string) => greeting(origin, connections, platforms).at(-2)?.trim()
  t.equal(next('http://127.0.0.1:3000'), 'npx seam-relay send hospitable reservation.created')
  t.equal(
    next('http://127.0.0.1:4000'),
    'npx seam-relay send hospitable reservation.created --url http://127.0.0.1:4000'
  )
})
