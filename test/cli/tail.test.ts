import t from 'tap'
import { tail } from '../../src/cli/operator/tail.ts'
import { type Answer, serving } from './fake-relay.ts'
import { operatorTerminal } from './operator-terminal.ts'

const env = { RELAY_ADMIN_TOKEN: 'the-admin-token-of-the-test' }

const events =
  (text: string): Answer =>
  (_request, reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.end(text)
  }

const frame = (id: number, event: string, data: object) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

const attempt = {
  at: '2027-01-10T12:00:00.000Z',
  status: null,
  error: 'no answer\u001b[2J',
  customer_key: 'acme',
  operation: 'push_data',
  duration_ms: 20_000
}
const delivery = {
  received_at: '2027-01-10T12:00:00.000Z',
  done_at: null,
  state: 'held',
  connection: 'lakeside',
  id: 'd1',
  error: null,
  events: [{ type: 'a', reason: 'no room' }],
  event_count: 1
}

t.test('after an interruption it goes on where it was, and ends where it may not', async t => {
  const seen: (string | undefined)[] = []
  const refused: Answer = (request, reply) => {
    seen.push(String(request.headers['last-event-id']))
    reply.writeHead(403, { 'content-type': 'application/problem+json' })
    reply.end(JSON.stringify({ code: 'RELAY_KEY_FORBIDDEN', detail: 'The key has expired.' }))
  }
  const away: Answer = (_request, reply) => {
    reply.destroy()
  }
  const url = await serving(
    t,
    events(frame(7, 'attempt', attempt) + frame(8, 'cut', { sorts: ['delivery'] })),
    away,
    events(`event: later\ndata: {}\n\n${frame(10, 'delivery', delivery)}`),
    refused
  )
  const terminal = operatorTerminal({ env })
  const ended = tail({ url, terminal, platforms: {}, now: Date.now, againMs: 1 })
  await t.rejects(ended, { code: 'RELAY_KEY_FORBIDDEN', message: 'The key has expired.' })
  t.strictSame(seen, ['10'])
  const [first, second, third, ...more] = terminal.written.out.split('\n')
  t.match(first, /no answer {3}acme {2}push_data {2}in 20\.0 s {2}no answer␛\[2J$/)
  t.equal(second, '…and more than can be shown one by one.')
  t.match(third, /held {8}lakeside {2}a {2}d1 {2}no room$/)
  t.strictSame(more, [''])
})
