import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { demoRelay } from './demo-relay.ts'
import { run } from './terminal.ts'

const connections = `connections:
  - id: bare
    platform: custom
    customer_key: bare
    secrets: { token: demo-only-token-of-bare }
    webhooks:
      title: Bare
      verification: { scheme: token }
      events: { any: a }
  - id: heron
    platform: custom
    customer_key: heron
    secrets: { signing_secret: demo-only-key-of-heron }
    webhooks:
      title: Heron
      verification: { scheme: hmac, header: X-Sign, signed: "{timestamp}.{body}", timestamp: { header: X-Time } }
      event: { type: { body: kind }, id: { body: no }, time: { body: at } }
      events:
        saved: '{ "type": "listing.updated", "data": { "id": lodge, "name": name } }'
      samples: samples/*.json
`

t.test('the operator’s own samples are sent, signed as described, and are news each time', async t => {
  const relay = await demoRelay(t, { connections })
  mkdirSync(join(relay.folder, 'samples'))
  const sample = { kind: 'saved', no: 1, at: '2020-01-01T00:00:00Z', lodge: 5, name: 'Reed' }
  writeFileSync(join(relay.folder, 'samples', 'reed.json'), JSON.stringify(sample))
  t.notMatch(relay.out(), 'seam-relay send', 'a connection without samples is no example to begin with')

  const send = (...args: string[]) => run(['send', 'custom', ...args, '--url', relay.origin], relay.env)
  for (const _again of [1, 2]) {
    const { code, out, err } = await send('saved', '--connection', 'heron')
    t.equal(err, '')
    t.equal(code, 0)
    t.match(out, /^POST \/webhooks\/custom\/heron → 200, delivery [0-9a-f]+\n\nsaved: translated\n/)
  }
  const unknown = await send('--connection', 'heron')
  t.match(unknown.err, 'send: name an event; there are:\n  saved')
  t.match(
    (await send('painted', '--connection', 'heron')).err,
    'Heron has no sample of painted; there are:\n  saved'
  )
  t.match((await send('any')).err, 'send: Bare has no samples; give its connection webhooks.samples')
})
