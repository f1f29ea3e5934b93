import Fastify from 'fastify'
import { report } from './report.ts'

// What the relay is compared with: the same framework, the same body, parsed and answered, and nothing kept.
const app = Fastify({ logger: false })
app.post('/webhooks/:platform/:connectionId', async request => {
  const { id } = request.body as { id: string }
  return { received: true, delivery_id: id }
})
app.post('/customers/push_data', async request => {
  const { customer_key } = request.body as { customer_key: string }
  return { ok: customer_key !== '' }
})
await app.listen({ host: '127.0.0.1', port: 0 })
report(app.server, () => app.close())
