import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { translate } from '../../src/cli/translate/translate.ts'
import { RelayError } from '../../src/errors.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { type AcmeEvent, acme, HOURS } from '../translate/acme.ts'
import { type ApiAnswer, type FakeApi, fakeApi } from '../translate/fake-api.ts'

/** What acme's API says of its places. */
const readPlace: Platform['readPlace'] = async (id, api, connection) => {
  const { status, body } = await api.request({
    method: 'GET',
    origin: 'http://127.0.0.1:9',
    path: `/places/${id}`,
    query: { of: connection.customerKey }
  })
  if (status === 403) throw new RelayError('RELAY_PLATFORM_UNAUTHORIZED', 'Acme refused', { retryable: true })
  return status === 404 ? undefined : (body as object)
}

interface Asked {
  platform?: Platform
  /** By path. */
  answers?: Record<string, ApiAnswer>
  settings?: string
  hydrate?: boolean
}

/** Events of acme, translated with a connection whose API answers as the test says. */
async function ask(t: Test, events: AcmeEvent[], { platform = acme, answers = {}, ...asked }: Asked = {}) {
  const { settings = HOURS, hydrate = true } = asked
  const api: FakeApi = await fakeApi(t)
  api.respond = ({ path }) => answers[path.split('?')[0] ?? ''] ?? { status: 404 }
  const written = { out: '', err: '' }
  const code = await translate({
    platform: 'acme',
    connection: 'a',
    hydrate,
    env: {
      RELAY_CONNECTIONS_FILE: `${t.testdir({
        'c.yaml': `connections:
  - { id: a, platform: acme, customer_key: c, secrets: { token: a-token-that-is-long-enough }, api: { endpoint: "${api.endpoint}", client_id: hunter2 }, ${settings} }`
      })}/c.yaml`
    },
    say: line => {
      written.out += `${line}\n`
    },
    err: { write: text => (written.err += text) },
    input: () => Readable.from([Buffer.from(JSON.stringify({ events }))]),
    platforms: { acme: platform }
  })
  t.notMatch(written.out, 'hunter2')
  t.equal(written.err, '')
  return { code, out: written.out, calls: api.calls.map(({ path }) => path) }
}

const token: ApiAnswer = { status: 200, body: { access_token: 't', expires_in: 3600 } }
const pointed = { type: 'pointed', id: 'b1' }
const hinted = { type: 'hinted', id: 'b2' }

t.test('what is missing is read, and the calls follow from it', async t => {
  const answers = {
    '/token': token,
    '/bookings/b1': { status: 200, body: { guest: 'Ada Lovelace' } },
    '/bookings/b2': { status: 200, body: { guest: 'Grace Hopper' } }
  }
  const { code, out, calls } = await ask(t, [pointed, hinted, { type: 'booked', id: 'b3' }], { answers })
  t.equal(code, 0)
  t.match(out, '\npointed: translated\n  booking b1: 1 stay')
  t.match(out, '"name": "Grace Hopper"')
  t.notMatch(out, 'to be read first')
  t.strictSame(new Set(calls), new Set(['/bookings/b1?with=guest', '/bookings/b2?with=guest', '/token']))
})

t.test('without being told to, it asks nobody, and says of whom it would', async t => {
  const { code, out, calls } = await ask(t, [pointed, hinted], { hydrate: false })
  t.equal(code, 1)
  t.strictSame(calls, [])
  t.match(out, '\npointed: held: it says too little by itself, and the rest was not read; --hydrate')
  t.match(out, '\nhinted: translated\n  to be read first: GET http://127.0.0.1:9/bookings/b2\n')
})

t.test('without a connection it says of whom one with credentials would ask', async t => {
  let out = ''
  const code = await translate({
    platform: 'acme',
    env: {},
    say: line => (out += line),
    err: { write: () => t.fail('nothing goes wrong inside') },
    input: () => Readable.from([Buffer.from(JSON.stringify({ events: [pointed] }))]),
    platforms: { acme }
  })
  t.equal(code, 1)
  t.match(out, '\n  to be read first: GET http://127.0.0.1:9/bookings/b1\n')
})

t.test('with nothing to be read, nobody is asked', async t => {
  const { code, calls } = await ask(t, [{ type: 'booked', id: 'b3' }])
  t.equal(code, 0)
  t.strictSame(calls, [])
})

t.test('what the platform refuses, or does not answer, is held, since a relay asks again', async t => {
  const refused = await ask(t, [pointed], { answers: { '/token': token, '/bookings/b1': { status: 400 } } })
  t.equal(refused.code, 1)
  t.match(
    refused.out,
    '\npointed: held: Acme refused the question (RELAY_PLATFORM_REFUSED)\n  asked again and again for a day and a half'
  )
  const later = await ask(t, [pointed], { answers: { '/token': token, '/bookings/b1': { status: 503 } } })
  t.equal(later.code, 1)
  t.match(later.out, '\npointed: held: the platform’s API answered 503 (RELAY_PLATFORM_UNAVAILABLE)\n')
})

t.test('what can be done without is done without, and that is said', async t => {
  const { code, out } = await ask(t, [hinted], {
    answers: { '/token': token, '/bookings/b2': { status: 503 } }
  })
  t.equal(code, 1)
  t.match(
    out,
    '\nhinted: translated\n  Acme was asked: the platform’s API answered 503; this is without its answer\n'
  )
  t.match(out, '"name": "Somebody"')
})

t.test('a mistake of the adapter is shown as it is', async t => {
  const answers = { '/token': token, '/bookings/b1': { status: 418, body: 'tea' } }
  const reading = await ask(t, [pointed], { answers })
  t.match(reading.out, '\npointed: dead: TypeError: a mistake about undefined (RELAY_INTERNAL)\n')
  const translating = await ask(t, [{ type: 'broken', id: 'b1', secret: 'tea' }])
  t.equal(translating.code, 1)
  t.match(
    translating.out,
    /\nbroken: dead: .*\n {2}kept as a dead letter.*\n {2}TypeError: cannot read tea\n {6}at /
  )
  const thrower = { ...acme, readEvents: () => Promise.reject('no reason') }
  const unreadable = await ask(t, [], { platform: thrower })
  t.match(unreadable.out, '\nThe body: dead: The delivery could not be read as an event of its platform.')
  t.match(unreadable.out, '\n  no reason\n')
})

t.test('an event that carries too little and asks nobody is still told', async t => {
  const { out } = await ask(t, [{ type: 'pointed', id: '' }], {
    platform: {
      ...acme,
      hydration: { wants: () => 'must', read: async () => [] }
    },
    hydrate: false
  })
  t.notMatch(out, 'to be read first')
  t.match(out, '\npointed: held: ')
})

t.test('places that stays name are read as well', async t => {
  const place = { timeZone: 'Europe/Oslo', checkInTime: '16:00', checkOutTime: '11:00' }
  const asked = { platform: { ...acme, readPlace }, settings: 'country: DE' }
  const booked = [{ type: 'booked', id: 'b3' }]
  const read = await ask(t, booked, { ...asked, answers: { '/places/p1': { status: 200, body: place } } })
  t.equal(read.code, 0)
  t.strictSame(read.calls, ['/places/p1?of=c'], 'for their connection')
  t.match(
    read.out,
    '\nAcme’s API said\n  place p1: time zone "Europe/Oslo", check in time "16:00", check out time "11:00"\n'
  )
  t.match(read.out, '"starts_at": "2027-03-12T15:00:00Z"')

  const gone = await ask(t, booked, asked)
  t.equal(gone.code, 1)
  t.match(gone.out, '  place p1: there is none\n')
  t.match(gone.out, /→ no time zone is known for place p1: set [\w ]+ places\.p1\.time_zone\n/)

  const refused = await ask(t, booked, { ...asked, answers: { '/places/p1': { status: 403 } } })
  t.equal(refused.code, 1)
  t.match(refused.out, '  place p1 could not be read: Acme refused\n')

  const unasked = await ask(t, booked, { ...asked, hydrate: false })
  t.match(unasked.out, '; a relay also asks Acme for it, as --hydrate does here\n')
  t.strictSame(unasked.calls, [])
})
