// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the file names variables
import t from 'tap'
import { filledText } from '../../../src/model/filled-text.ts'
import { custom } from '../../../src/platforms/custom/custom.ts'
import { demoDescription } from '../../../src/platforms/custom/demo.ts'
import { eventsReader } from '../../../src/platforms/custom/read-events.ts'
import { platformOf, translateEvent } from '../../../src/platforms/platform.ts'
import { confirmation, notification } from '../../../src/platforms/sns-samples.ts'
import { deliveryOf, demoConnection, incomingOf, outcomesOf, testApi } from '../contract.ts'
import { connectionOf, described, description, saying, told } from './described.ts'

const at = Date.UTC(2027, 0, 10, 10)

t.test('a connection is read by its own description, always by the same platform', async t => {
  const webhooks = { description: { ...demoDescription, title: 'Fir' }, bodies: [] }
  const connection = demoConnection(custom, { webhooks })
  const platform = platformOf({ custom }, connection)
  t.equal(platform?.title, 'Fir')
  t.equal(platformOf({ custom }, connection), platform)
  t.not(platformOf({ custom }, { ...connection }), platform)
  t.equal(platformOf({ custom }, demoConnection(custom)), custom)
  t.equal(described({ title: undefined }).title, 'Custom')
  t.strictSame(Object.keys(platform?.samples.events ?? {}), [])
  const demo = demoConnection(custom, { webhooks: { ...webhooks, description: { ...demoDescription } } })
  t.equal(platformOf({ custom }, demo)?.samples, custom.samples)
})

t.test('an expression yields one event, several, or none', async t => {
  const gone = (id: string) => `{ "type": "guest.deleted", "data": { "id": "${id}" } }`
  const removed = (id: string) => ({ change: 'remove', kind: 'guest', id, version: at })
  const nothing = { ignored: 'its expression yields nothing for this body' }
  t.strictSame(await told(saying(gone('g1')), {}, { receivedAt: at }), [removed('g1')])
  t.strictSame(await told(saying(`[${gone('g1')}, ${gone('g2')}]`), {}, { receivedAt: at }), [
    removed('g1'),
    removed('g2')
  ])
  for (const expression of ['missing', '[]', 'null', 'a[b = 1]'])
    t.strictSame(await told(saying(expression), {}), [nothing])
})

t.test(
  'the version is what the expression says, else the time of the event, else that of receipt',
  async t => {
    const event = { time: { body: 'at' } }
    const version = async (expression: string, body: object, described: object = { event }) => {
      const [change] = await told(saying(expression, described), body, { receivedAt: at + 9 })
      return (change as { version: number }).version
    }
    const plain = '{ "type": "guest.deleted", "data": { "id": "g" } }'
    t.equal(await version(plain, { at: '2027-01-10T10:00:00Z' }), at)
    t.equal(await version(plain, { at: at / 1000 }), at)
    t.equal(await version(plain, { at: null }), at + 9)
    t.equal(await version(plain, {}), at + 9)
    t.equal(await version(plain, { at }, {}), at + 9)
    const [undated] = await saying(plain, { event }).readEvents(
      deliveryOf(connectionOf(custom), { body: '{}' })
    )
    t.match(undated?.payload, { undated: 'body at' })
    t.equal(
      await version('{ "type": "guest.deleted", "timestamp": at + 1, "data": { "id": "g" } }', { at }),
      at + 1
    )
    t.equal(
      await version('{ "type": "guest.deleted", "data": { "id": "g", "updated_at": at + 2 } }', { at }),
      at + 2
    )
    t.equal(
      await version('{ "type": "guest.deleted", "data": { "id": "g", "updated_at": $event.time } }', { at }),
      at
    )
  }
)

t.test('a time that cannot be read is no time of receipt, by which a late event would win', async t => {
  const event = { time: { body: 'meta.at' } }
  const plain = '{ "type": "guest.deleted", "data": { "id": "g" } }'
  for (const unreadable of ['some day', '2027-01-10 10:00:00', '', 7, true, {}]) {
    await t.rejects(told(saying(plain, { event }), { meta: { at: unreadable } }), {
      code: 'RELAY_EVENT_UNREADABLE',
      message:
        'e: what stands at body meta.at is not a time; give ISO 8601 with a zone, or seconds or milliseconds since 1970'
    })
  }
  const timed =
    '{ "type": "guest.deleted", "timestamp": $replace(at, " ", "T") & "Z", "data": { "id": "g" } }'
  t.match(
    await told(saying(timed), { at: '2027-01-10 10:00:00' }),
    [{ version: at }],
    'an expression can put it right'
  )
})

t.test('an expression finds type, id and time of its event, and the whole body around it', async t => {
  const platform = described({
    event: { each: 'list', type: { header: 'x-event' }, id: { query: 'id' }, time: { body: 'at' } },
    events: {
      saved:
        '{ "type": "listing.updated", "data": { "id": no, "name": $event.type & " " & $event.id, "address": $event.time & " " & $body.account } }'
    },
    ignored: {}
  })
  const body = { account: 'a1', at, list: [{ no: 1 }, { no: 2, at: at + 1000 }] }
  const changes = await told(platform, body, { headers: { 'X-Event': 'saved' }, query: { id: '7' } })
  t.match(changes, [
    { id: '1', version: at, fields: { name: 'saved 7', address: '2027-01-10T10:00:00.000Z a1' } },
    { id: '2', version: at + 1000, fields: { address: '2027-01-10T10:00:01.000Z a1' } }
  ])
  t.strictSame(platform.verification.evidence.slice(-1), ['x-event'], 'a header that is read is kept')
})

t.test('one event that is wrong spoils none of its neighbours', async t => {
  const platform = described()
  const good = { event: 'lodge.saved', lodge: { no: 1 } }
  const body = JSON.stringify([good, { no: 'name' }, 7, { ...good, lodge: { no: '' } }, good])
  const events = await platform.readEvents(deliveryOf(connectionOf(platform), { body }))
  t.strictSame(
    events.map(event => event.type),
    ['lodge.saved', '(unnamed)', '(unnamed)', 'lodge.saved', 'lodge.saved']
  )
  const outcomes = await Promise.allSettled(
    events.map(async event => {
      const connection = connectionOf(platform)
      return translateEvent(platform, {
        event,
        facts: undefined,
        delivery: deliveryOf(connection, { body }),
        connection
      })
    })
  )
  t.strictSame(
    outcomes.map(each => (each.status === 'fulfilled' ? 'told' : String(each.reason.message))),
    [
      'told',
      'the event has no name at body event',
      'the event has no name at body event',
      'lodge.saved: what its expression yields does not fit: listing.updated: /data/id must be a text of 1 to 200 characters without white space around it, or a whole number',
      'told'
    ]
  )
})

t.test('a request without an event is told as such', async t => {
  const list = described({ event: { each: 'list', type: { body: 'event' } } })
  t.strictSame(await told(list, { list: [] }), [{ ignored: 'its list of events is empty' }])
  for (const [platform, body, message] of [
    [list, {}, 'the body has no list of events at list'],
    [described(), '', 'the body is not JSON'],
    [described(), 'null', 'the body is JSON, but neither object nor list'],
    [described(), Array.from({ length: 1_001 }, () => ({})), 'the body has more than 1000 events'],
    [saying('1'), [7], 'an event in the body is not an object'],
    [saying('[1..1001]'), {}, 'e: the expression yields more than 1000 events']
  ] as const) {
    await t.rejects(told(platform, body), { code: 'RELAY_EVENT_UNREADABLE', message })
  }
})

t.test('a mistake names the event, the line and the expression, and no value', async t => {
  await t.rejects(told(saying('{\n  "a": name + 1\n}'), { name: 'Noor Haddad' }), {
    code: 'RELAY_EVENT_UNREADABLE',
    message:
      'e: T2001: The left side of the "+" operator must evaluate to a number; line 2, column 13 of its expression: "a": name + 1',
    cause: { type: 'e', offset: 14 }
  })
  const text = 'what its expression yields does not fit'
  for (const [expression, message] of [
    ['7', `e: ${text}: an event must be an object with type, timestamp and data`],
    [
      '{ "type": "guest.deleted" }',
      `e: ${text}: guest.deleted: /data is missing; it must be an object with the guest’s id`
    ],
    ['{ "type": "test.ping" }', undefined],
    [
      '{ "type": "reservation.updated", "data": { "id": 1, "arrival_date": "2027-01-01", "departure_date": "2027-01-02" } }',
      `e: ${text}: reservation.updated: /data/status is missing; an expression always says it, and passes on a word that it does not know`
    ]
  ] as const) {
    const outcome = told(saying(expression), {})
    if (message === undefined) t.strictSame(await outcome, [{ ignored: 'test delivery' }])
    else await t.rejects(outcome, { code: 'RELAY_EVENT_INVALID', message })
  }
})

t.test(
  'of an expression with variables, a mistake tells the place as it is written and no value',
  async t => {
    const written = {
      e: [
        { written: '(\n  $key := "', filled: '(\n  $key := "' },
        { written: '${KEY}', filled: 'hunter2\nhunter2' },
        { written: '"; $key + 1 )', filled: '"; $key + 1 )' }
      ]
    }
    const webhooks = {
      description: description({ event: {}, events: { e: filledText(written.e) }, ignored: {} }),
      bodies: [],
      written
    }
    const platform = custom.of?.(demoConnection(custom, { webhooks }))
    await t.rejects(told(platform as never, {}), {
      code: 'RELAY_EVENT_UNREADABLE',
      message:
        'e: T2001: the rest is not shown, as it contains variables; line 2, column 26 of its expression: $key := "${KEY}"; $key + 1 )'
    })
  }
)

t.test(
  'a whole number too large for a number is handed on as its text, so that two ids stay two',
  async t => {
    const platform = saying('{ "type": "guest.deleted", "data": { "id": $string(no) } }', {
      event: { id: { body: 'event' } }
    })
    const told1 = async (no: string) => told(platform, `{"no":${no},"event":${no}}`)
    for (const no of ['1034567890123456781', '1034567890123456789', '9007199254740991', '-9007199254740993'])
      t.match(await told1(no), [{ id: no }])
    t.match(await told1('1e20'), [{ id: '100000000000000000000' }])
    t.match(await told1('12345678901234567.5'), [{ id: '12345678901234568' }])
    const body = '[{"event":1034567890123456781}]'
    t.equal(
      platform.deliveryId?.(incomingOf(connectionOf(platform), { body: body.slice(1, -1) })),
      '1034567890123456781'
    )
    t.equal(platform.deliveryId?.(incomingOf(connectionOf(platform), { body })), undefined, 'a list has none')
  }
)

t.test('a status in the words of the platform is unknown, however it is written', async t => {
  const booking = (status: string, type = 'updated') =>
    told(
      saying(
        `{ "type": "reservation.${type}", "data": { "id": 1, "status": state, "starts_at": at, "ends_at": at } }`
      ),
      { state: status }
    )
  const unknown = (word: string) => [{ ignored: `status "${word}" is not known`, drift: 'unknown_status' }]
  for (const word of ['Checked In', 'OK', 'Confirmed', 'no-show', 'bestätigt', '7', ' confirmed '])
    t.strictSame(await booking(word), unknown(word), word)
  t.strictSame(await booking('Noor '.repeat(20), 'created'), unknown('Noor '.repeat(8)), 'it is cut short')
  t.match(await booking('Called Off', 'cancelled'), [{ bookingId: '1', cancelled: true }])
  for (const none of ['', ' ']) await t.rejects(booking(none), { code: 'RELAY_EVENT_INVALID' })
  const bare = saying('{ "type": "reservation.cancelled", "data": 7 }')
  await t.rejects(told(bare, {}), { code: 'RELAY_EVENT_INVALID' })
  t.match(
    await told(saying('{ "type": "listing.updated", "data": { "id": 1, "status": "OK" } }'), {}).catch(
      String
    ),
    /status is not known/
  )
})

t.test('an id that cannot be kept as it is would be another’s, and is refused', async t => {
  const text = 'e: what its expression yields does not fit: '
  const broken = 'must be Unicode text without half of a surrogate pair'
  const booking = saying(
    '{ "type": "reservation.updated", "data": $merge([{ "id": 1, "status": "inquiry" }, $]) }'
  )
  for (const [body, place] of [
    ['{"id":"A\\ud800"}', '/data/id'],
    ['{"listing_id":"A\\ud800"}', '/data/listing_id'],
    ['{"listing_ids":["L","A\\ud800"]}', '/data/listing_ids/1'],
    ['{"units":[{"id":"A\\ud800"}]}', '/data/units/0/id'],
    ['{"guest":{"id":"A\\ud800"}}', '/data/guest/id']
  ] as const)
    await t.rejects(told(booking, body), {
      code: 'RELAY_EVENT_INVALID',
      message: `${text}${place} ${broken}`
    })
  t.match(await told(booking, '{"guest":{"id":"g","name":"Noor \\ud83d"}}'), [{ bookingId: '1' }])
})

t.test('an event that is called as those without a name are shown is one of them', async t => {
  await t.rejects(told(described(), { event: '(unnamed)' }), {
    code: 'RELAY_EVENT_UNREADABLE',
    message: 'the event has no name at body event'
  })
})

t.test('the id of a request is where the description says', async t => {
  const id = (platform: ReturnType<typeof described>, body: string, headers = {}) =>
    platform.deliveryId?.(incomingOf(connectionOf(platform), { body, headers }))
  t.equal(id(described(), '{"event_id":"he_1"}'), 'he_1')
  t.equal(id(described(), '{"event_id":7}'), '7')
  for (const body of ['{}', '[]', 'no']) t.equal(id(described(), body), undefined)
  t.equal(id(described({ event: { id: { header: 'X-Id' } } }), '', { 'X-Id': 'h1' }), 'h1')
  t.equal(described({ event: {} }).deliveryId, undefined)
})

t.test('through Amazon SNS, the message is the body, and the subscription is confirmed', async t => {
  const platform = described({ verification: { scheme: 'sns' } })
  const connection = connectionOf(platform)
  const context = { connection, now: at, serial: 1 }
  const message = JSON.stringify({ event: 'lodge.saved', occurred_at: at, lodge: { no: 1, name: 'Reed' } })
  const body = notification(message, context)
  t.match(await told(platform, body), [{ kind: 'place', id: '1', version: at }])
  t.match(platform.deliveryId?.(incomingOf(connection, { body })), /^[\w-]{36}$/)
  await t.rejects(told(platform, notification('no JSON', context)), { message: 'the body is not JSON' })

  const asked = { body: confirmation('SubscriptionConfirmation', context) }
  const [event] = await platform.readEvents(deliveryOf(connection, asked))
  if (event === undefined) throw new TypeError('no event')
  t.equal(platform.hydration?.wants(event, connection), 'open')
  t.equal(platform.hydration?.wants({ type: 'lodge.saved', payload: {} }, connection), 'no')
  const { standIn } = platform
  if (standIn === undefined) throw new TypeError('no stand-in')
  t.strictSame(await platform.hydration?.read([event], testApi(standIn, {}, new Map())), [
    { confirmed: true }
  ])
  t.equal(
    standIn({ method: 'GET', path: '/x', query: {}, headers: {}, body: undefined }, new Map(), {}).status,
    404
  )
  const [{ translation } = {}] = await outcomesOf(platform, connection, asked)
  t.strictSame(translation, { ignored: 'the subscription is confirmed' })
  t.match(await told(platform, confirmation('UnsubscribeConfirmation', context)), [{ ignored: /has ended/ }])
})

t.test('the events of one request share their time', async t => {
  const slow = async () => ({ yields: undefined, ms: 600 })
  const read = eventsReader(description(), slow, { mostMs: 1_000 })
  const body = JSON.stringify(Array.from({ length: 3 }, () => ({ event: 'lodge.saved' })))
  const events = await read(deliveryOf(connectionOf(custom), { body }))
  t.strictSame(
    events.map(({ payload }) => (payload as { error?: Error }).error?.message),
    [undefined, undefined, 'the events before it took more than 1000 ms']
  )
})

t.test('a body that makes an expression hang costs its own delivery and nothing else', async t => {
  const limits = { milliseconds: '50' }
  const platform = saying('{ "type": $contains(a, /^(a+)+$/) ? "x" : "y" }', { limits })
  await t.rejects(told(platform, { a: `${'a'.repeat(60)}!` }), {
    code: 'RELAY_EVENT_UNREADABLE',
    message: /^e: it took too much time or memory and was ended; line 1/
  })
})
