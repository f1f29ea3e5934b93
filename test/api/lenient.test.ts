import t from 'tap'
import { openRelay } from '../open-relay.ts'
import { serviceOf, storedCalls, storedKey } from './call.ts'

t.test('a lenient key is judged as Seam judges', async t => {
  const relay = await openRelay(t)
  const service = serviceOf(relay, await storedKey(relay, { strict: false }))
  const stay = {
    reservation_key: ' r1',
    guest_key: 'g1',
    user_key: 'u1',
    starts_at: '2027-03-03T10:00:00Z',
    ends_at: '2027-03-01T10:00:00Z'
  }
  const space = { space_key: 's1', name: 'Loft', customer_data: { time_zone: 'Europe/Atlantis' } }
  const reply = await service.push({
    customer_key: 'acme',
    colour: 'red',
    reservations: [{ ...stay, property_listing_keys: ['x'], custom_metadata: { 'a.b': null } }],
    spaces: [
      { ...space, name: 'Old' },
      { space_key: 's2', name: 'Hut' },
      { ...space, colour: 'red' }
    ]
  })
  t.equal(reply.status, 200)
  const [call] = await storedCalls(relay)
  t.strictSame(call?.body, {
    customer_key: 'acme',
    reservations: [{ ...stay, custom_metadata: { 'a.b': null } }],
    spaces: [space, { space_key: 's2', name: 'Hut' }]
  })
  t.equal((await service.delete({ customer_key: 'acme', space_keys: [' s1', 's2'] })).status, 200)
  t.equal((await service.deleteByQuery('colour=red&space_keys=s1')).status, 200)
  const [, byBody, byQuery] = await storedCalls(relay)
  t.strictSame([byBody?.body, byQuery?.body], [{ space_keys: [' s1', 's2'] }, { space_keys: ['s1'] }])
})

t.test('what Seam documents as wrong is wrong for a lenient key too', async t => {
  const relay = await openRelay(t)
  const service = serviceOf(relay, await storedKey(relay, { strict: false }))
  for (const [body, message] of [
    [{ customer_key: '' }, 'customer_key must not be empty'],
    [{ customer_key: 'a', spaces: [{ space_key: 's1' }] }, 'spaces.0.name is required'],
    [
      { customer_key: 'a', reservations: [{ reservation_key: 'r', starts_at: '2027-03-03' }] },
      'reservations.0.starts_at must match format "date-time"'
    ],
    [
      { customer_key: 'a', reservations: [{ reservation_key: 'r', ends_at: '9999-12-31T23:59:60-00:01' }] },
      'reservations.0.ends_at must lie in the years 0000 to 9999 once it is in UTC'
    ],
    [{ customer_key: 5 }, 'customer_key must be string']
  ] as const) {
    const { status, body: told } = await service.push(body)
    t.equal(status, 400)
    t.match(told, { error: { message } })
  }
})
