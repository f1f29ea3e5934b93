import t from 'tap'
import { signedSample } from '../../src/platforms/signed-sample.ts'
import { standard } from '../../src/platforms/standard/standard.ts'
import { keptRestsOf, restOfPlaces } from '../../src/store/rests.ts'
import { fakeSeam } from '../seam/fake-seam.ts'
import { emptyStore } from '../store/empty-store.ts'
import { act, ask, booking, CONNECTION, openOperated, tell } from './operator.ts'

const settings = (list: { name: string }[]) => list.map(each => each.name)
const SECRET = 'whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ='

t.test('one connection tells how it is set up, and none of its secrets', async t => {
  const relay = await openOperated(t)
  const { status, body } = await ask(relay, '/connections/demo-guesty')
  t.equal(status, 200)
  const { secrets, api, events, samples, ...others } = body
  t.match(others, {
    id: 'demo-guesty',
    platform_title: 'Guesty',
    addresses: [`${relay.origin}/webhooks/guesty/demo-guesty`],
    guide: 'docs/platforms/guesty.md',
    allow_from: [],
    paused: null,
    samples_stay_here: true
  })
  t.match(secrets, [{ name: 'signing_secret', description: /whsec_/, required: true, given: 1 }])
  t.strictSame(settings(api), ['client_id', 'client_secret', 'endpoint'])
  t.match(api[2], { required: false, given: 1 })
  t.ok(events.includes('reservation.created.v2'))
  t.ok(samples.includes('reservation.created.v2'))
  const { secrets: kept, api: credentials = {} } = relay.connection('demo-guesty')
  for (const secret of [...Object.values(kept).flat(), String(credentials.client_secret)])
    t.notOk(JSON.stringify(body).includes(secret), 'a secret stays one')
  t.match((await ask(relay, `/connections/${CONNECTION}`)).body, { api: [], samples: /./ })
  t.equal((await ask(relay, '/connections/none')).status, 404)
})

t.test('deliveries that are not read yet are counted for each connection, paused or not', async t => {
  const relay = await openOperated(t)
  const waiting = async () => {
    const { data } = (await ask(relay, '/connections')).body
    const counts = data.map((each: { id: string; waiting: number }) => [each.id, each.waiting])
    return counts.filter(([, count]: [string, number]) => count > 0)
  }
  t.strictSame(await waiting(), [])
  const { body: paused } = await act(relay, 'POST', '/pauses', { of: 'connection', connection: CONNECTION })
  await tell(relay, booking)
  await tell(relay, { ...booking, id: 'b2' })
  t.strictSame(await waiting(), [[CONNECTION, 2]])
  t.equal((await ask(relay, `/connections/${CONNECTION}`)).body.waiting, 2)
  await act(relay, 'DELETE', `/pauses/${paused.id}`)
  await relay.settle()
  t.strictSame(await waiting(), [])
})

t.test('a platform whose API is not asked for a while is told, and why', async t => {
  const relay = await openOperated(t)
  const rests = keptRestsOf(relay.store)
  const restOf = async (id: string) => (await ask(relay, `/connections/${id}`)).body.platform_rest
  const until = relay.clock.now + 60_000
  t.equal(await restOf('demo-guesty'), null)
  await rests.begin(restOfPlaces('demo-guesty'), { until, failures: 1, unauthorized: true })
  const told = { failures: 1, until: new Date(until).toISOString() }
  t.strictSame(await restOf('demo-guesty'), { ...told, refused: true, places_only: true })
  await rests.begin('demo-guesty', { until, failures: 2, unauthorized: false })
  t.match(await restOf('demo-guesty'), { failures: 2, refused: false, places_only: false })
  relay.clock.now = until
  t.match(await restOf('demo-guesty'), { refused: true, places_only: true }, 'nobody has mended that')
  await rests.begin('demo-mews', { until, failures: 1, unauthorized: false })
  t.equal(await restOf('demo-mews'), null, 'it may answer by now')
})

t.test('a sample of every platform goes through the front door, and is one for all to see', async t => {
  const relay = await openOperated(t)
  const { data } = (await ask(relay, '/connections?limit=200')).body
  for (const { id } of data) {
    const sent = await act(relay, 'POST', `/connections/${id}/sample`)
    t.match(sent, { status: 200, body: { status: 200, delivery_id: /./, event: /./ } }, id)
    const { body } = await ask(relay, `/deliveries/${sent.body.delivery_id}`)
    t.match(body, { connection: id, headers: { 'user-agent': 'seam-relay-sample' } }, id)
  }
  const event = 'reservation.updated.v2'
  const sent = await act(relay, 'POST', '/connections/demo-guesty/sample', { event })
  t.match(sent.body, { status: 200, event })
  await relay.settle()
  t.match((await ask(relay, `/deliveries/${sent.body.delivery_id}`)).body, { state: 'translated' })
  t.match((await ask(relay, '/audit?limit=1')).body.data, [
    { action: 'sample', target: 'connection demo-guesty', detail: { event } }
  ])
  t.match(await act(relay, 'POST', '/connections/demo-guesty/sample', { event: 'none' }), {
    status: 400,
    body: { detail: /^event: must be one of reservation\.created\.v2, / }
  })
  t.match(await act(relay, 'POST', '/connections/none/sample'), { status: 404 })
})

const own = (secret: string, more = '') => `
connections:
  - { id: lake, platform: standard, customer_key: lake, secrets: { signing_secret: ${secret} }${more} }
  - id: bare
    platform: custom
    customer_key: bare
    secrets: { signing_secret: s3cret-of-the-test }
    webhooks:
      title: Bare
      verification: { scheme: hmac, header: X-Signature }
      event: { type: { body: event } }
      events: { booked: '{ "type": "reservation.cancelled", "data": { "id": ref } }' }
`

t.test('where the relay sends to Seam itself, a sample is only sent by whoever means it', async t => {
  const seam = await fakeSeam(t)
  const relay = await openOperated(t, {
    connections: own(SECRET, ', allow_from: [192.0.2.0/24]'),
    env: { SEAM_API_KEY: 'seam_key', SEAM_ENDPOINT: seam.endpoint }
  })
  t.equal((await ask(relay, '/connections/lake')).body.samples_stay_here, false)
  t.match(await act(relay, 'POST', '/connections/lake/sample'), {
    status: 400,
    body: { detail: /^real: this relay sends to Seam itself/ }
  })
  t.match(await act(relay, 'POST', '/connections/lake/sample', { real: true }), {
    status: 200,
    body: { status: 200, delivery_id: /./ }
  })
  t.match(await act(relay, 'POST', '/connections/bare/sample', { real: true }), {
    status: 400,
    body: { detail: /^event: Bare has no samples; give its connection webhooks\.samples/ }
  })
})

t.test('once a secret is mended, what it refused is taken in again', async t => {
  const store = await emptyStore()
  const wrong = await openOperated(t, {
    store,
    connections: own('whsec_d3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25n')
  })
  const right = { ...wrong.connection('lake'), secrets: { signing_secret: [SECRET] } }
  const context = { connection: right, now: wrong.clock.now, serial: 1 }
  const [sample] = standard.samples.tell(undefined, booking, context)
  if (sample === undefined) throw new TypeError('a booking is told')
  const signed = signedSample(standard, right, sample, { now: wrong.clock.now, id: 'msg_1' })
  for (const headers of [signed.headers, { ...signed.headers, 'webhook-signature': 'v1,AAAA' }, {}])
    t.equal((await wrong.post(signed.url, { headers, body: signed.body })).status, 401)
  t.match(await act(wrong, 'POST', '/rejected/retake', { connection: 'none' }), {
    status: 400,
    body: { detail: /^connection: there is none/ }
  })
  await wrong.relay.stop(0)

  const relay = await openOperated(t, { store, connections: own(SECRET) })
  const retaken = await act(relay, 'POST', '/rejected/retake', { connection: 'lake' })
  t.equal(retaken.status, 200)
  t.equal(retaken.body.taken, 1)
  t.strictSame(
    retaken.body.still_refused.map((each: { count: number }) => each.count),
    [1, 1]
  )
  await relay.settle()
  t.equal((await relay.held('lake')).reservations?.length, 1)
  t.match((await act(relay, 'POST', '/rejected/retake', { connection: 'lake' })).body, { taken: 0 })
  t.match((await ask(relay, '/audit')).body.data, [
    { action: 'retake', target: 'connection lake', detail: { taken: 0 } },
    { action: 'retake', target: 'connection lake', detail: { taken: 1 } }
  ])
})
