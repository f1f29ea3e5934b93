import { createHmac } from 'node:crypto'
import t from 'tap'
import { openRelay } from '../../open-relay.ts'

const secret = 'a-secret-of-birch-lodges'

/** Another invented platform, as unlike the demo's as can be. */
const connections = `connections:
  - id: birch
    platform: custom
    customer_key: birch-lodges
    secrets: { signing_secret: ${secret} }
    webhooks:
      title: Birch
      verification:
        scheme: hmac
        header: Birch-Signature
        member: v1
        algorithm: sha512
        encoding: base64
        signed: "{timestamp}.{body}"
        timestamp: { header: Birch-Signature, member: t }
      event:
        each: messages
        type: [{ body: entity }, { body: action }]
        id: { header: Birch-Delivery }
        time: { body: at }
      events:
        stay.changed: |
          {
            "type": "reservation.updated",
            "data": {
              "id": stay.id,
              "status": stay.state = "OK" ? "confirmed" : $lowercase(stay.state),
              "guest": { "name": stay.name },
              "starts_at": $fromMillis(stay.from * 1000),
              "ends_at": $fromMillis(stay.until * 1000),
              "listing_id": stay.room
            }
          }
        stay.dropped: '{ "type": "reservation.cancelled", "data": { "id": stay.id } }'
        probe.made: '$contains(text, /^(a+)+$/) ? 1'
      ignored: { stay.viewed: a look changes nothing }
      limits: { milliseconds: 100 }
  - id: mere
    platform: custom
    customer_key: mere
    secrets: { value: a-value-of-mere-lodges }
    webhooks:
      verification: { scheme: header, header: Authorization, prefix: "Bearer " }
      events:
        any: '{ "type": "listing.updated", "data": { "id": id, "name": name } }'
`

const from = Date.UTC(2027, 2, 12, 15) / 1000
const at = Date.UTC(2027, 0, 10, 11) / 1000

function stay(action: string, state: string, at: number, more: object = {}) {
  return {
    entity: 'stay',
    action,
    at,
    stay: { id: 7, state, name: 'Noor Haddad', from, until: from + 86_400, room: 'r1', ...more }
  }
}

t.test('webhooks of a described platform come to Seam, in order and once', async t => {
  const relay = await openRelay(t, { connections })
  let serial = 0
  const post = async (messages: unknown[], headers: Record<string, string> = {}) => {
    serial += 1
    const body = JSON.stringify({ messages })
    const seconds = relay.clock.now / 1000
    const signature = createHmac('sha512', secret).update(`${seconds}.${body}`).digest('base64')
    const reply = await relay.post('/webhooks/custom/birch', {
      headers: {
        'content-type': 'application/json',
        'birch-signature': `t=${seconds},v1=${signature}`,
        'birch-delivery': `d${serial}`,
        ...headers
      },
      body
    })
    await relay.settle()
    return reply
  }

  t.equal((await post([stay('changed', 'OK', at)])).status, 200)
  t.match(await relay.held('birch-lodges'), {
    reservations: [
      {
        reservation_key: 'birch:7',
        starts_at: '2027-03-12T15:00:00Z',
        ends_at: '2027-03-13T15:00:00Z',
        space_keys: ['birch:r1']
      }
    ],
    guests: [{ name: 'Noor Haddad' }]
  })

  t.match((await post([stay('changed', 'OK', at)], { 'birch-delivery': 'd1' })).body, { duplicate: true })
  t.equal((await post([], { 'birch-signature': 't=1,v1=AAAA' })).status, 401)
  t.equal((await post([], { 'birch-delivery': '' })).status, 200)

  await post([stay('changed', 'PARTY', at + 5), stay('painted', 'OK', at + 6), stay('viewed', 'OK', at + 7)])
  t.equal(
    (await relay.held('birch-lodges')).reservations?.length,
    1,
    'words that nobody knows change nothing'
  )

  await post([{ entity: 'probe', action: 'made', text: `${'a'.repeat(60)}!` }, stay('dropped', 'X', at + 10)])
  await post([stay('changed', 'OK', at + 1)])
  t.strictSame((await relay.held('birch-lodges')).reservations ?? [], [], 'a late update brings nothing back')

  const states = await relay.store.db.selectFrom('deliveries').select('state').orderBy('id').execute()
  t.strictSame(
    states.map(({ state }) => state),
    ['translated', 'ignored', 'held', 'dead', 'translated']
  )
  t.notMatch(relay.logged.join('\n'), /Haddad|a-secret-of/)
})

t.test('two described platforms stand beside each other', async t => {
  const relay = await openRelay(t, { connections })
  const post = (authorization: string) =>
    relay.post('/webhooks/custom/mere', {
      headers: { 'content-type': 'application/json', authorization },
      body: '{"id":1,"name":"Mere"}'
    })
  t.equal((await post('Bearer another')).status, 401)
  t.equal((await post('Bearer a-value-of-mere-lodges')).status, 200)
  await relay.settle()
  const kept = await relay.store.db.selectFrom('deliveries').selectAll().execute()
  t.notMatch(JSON.stringify(kept), 'a-value-of-mere')
  t.match(kept, [{ state: 'translated' }])
})
