import t from 'tap'
import { bodySamples } from '../../../src/platforms/custom/body-samples.ts'
import type { Description } from '../../../src/platforms/custom/description.ts'
import type { SampleDelivery } from '../../../src/platforms/samples.ts'
import { demoConnection } from '../contract.ts'
import { described, description } from './described.ts'

const now = Date.UTC(2027, 0, 10, 10)
const context = { connection: demoConnection(described()), now, serial: 41 }

function samplesOf(
  files: Record<string, unknown>,
  more: Partial<Description> = {}
): Record<string, SampleDelivery> {
  const bodies = Object.entries(files).map(([file, body]) => ({
    file,
    text: typeof body === 'string' ? body : JSON.stringify(body)
  }))
  const { events, tell, ids } = bodySamples(description(more), bodies)
  const booking = {} as Parameters<typeof ids>[0]
  t.strictSame([tell(undefined, booking, context), ids(booking)], [[], { stays: [] }])
  return Object.fromEntries(Object.entries(events).map(([name, make]) => [name, make(context)]))
}

t.test('a file is a sample of its event; a second one goes by its own name', async t => {
  const samples = samplesOf({
    'first.json': { event: 'booking.saved' },
    'two-lodges.json': { event: 'booking.saved' },
    'strange.json': { event: 'elsewhere' },
    'nameless.json': {},
    'broken.json': '{'
  })
  t.strictSame(Object.keys(samples), ['booking.saved', 'two-lodges', 'elsewhere', 'nameless', 'broken'])
  t.equal(samples.broken?.body, '{', 'what is no JSON is sent as it is')
})

t.test('where the body does not name the event, the file does', async t => {
  const files = {
    'booking.saved.json': {},
    'booking.saved.late.json': {},
    'review.posted.json': {},
    'other.json': {}
  }
  for (const [place, member] of [
    [{ header: 'X-Event' }, 'headers'],
    [{ query: 'event' }, 'query']
  ] as const) {
    const samples = samplesOf(files, { event: { type: place } })
    t.strictSame(Object.keys(samples), ['booking.saved', 'booking.saved.late', 'review.posted', 'other'])
    const name = String(place.header ?? place.query)
    t.strictSame(samples['booking.saved.late']?.[member], { [name]: 'booking.saved' })
  }
  const parts = samplesOf({ 'a.json': {} }, { event: { type: [{ header: 'x-a' }, { header: 'x-b' }] } })
  t.strictSame(parts.a?.headers, {}, 'how a name is divided into several is not known')
  t.strictSame(Object.keys(samplesOf({ 'any.json': {} }, { event: {}, events: { only: '$' } })), ['only'])
})

t.test('id and time are made anew, in the form that they have', async t => {
  const body = (old: object) =>
    JSON.parse(samplesOf({ 'a.json': { event: 'booking.saved', ...old } })['booking.saved']?.body ?? '')
  t.match(body({ event_id: 'x', occurred_at: '2020-01-01T00:00:00Z' }), {
    event_id: 'sample-41',
    occurred_at: '2027-01-10T10:00:00.000Z'
  })
  t.match(body({ event_id: 7, occurred_at: 1_500_000_000 }), { event_id: 41, occurred_at: now / 1000 })
  t.match(body({ occurred_at: 1_500_000_000_000 }), { occurred_at: now })
  t.match(body({ occurred_at: '1500000000' }), { occurred_at: String(now / 1000) })
  for (const unreadable of ['2020-01-01 00:00:00', '', 7])
    t.match(body({ occurred_at: unreadable }), { occurred_at: unreadable }, 'as no relay would read it')
  t.strictSame(body({ occurred_at: null }), { event: 'booking.saved', occurred_at: null })
})

t.test('so they are in every entry of a list, in nested members, and in headers', async t => {
  const event = { each: 'list', type: { body: 'kind' }, id: { header: 'X-Id' }, time: { body: 'meta.at' } }
  const { saved } = samplesOf(
    { 'a.json': { list: [{ kind: 'saved', meta: { at: 1_500_000_000 } }, { kind: 'x' }] } },
    { event }
  )
  t.strictSame(JSON.parse(saved?.body ?? ''), {
    list: [{ kind: 'saved', meta: { at: now / 1000 } }, { kind: 'x' }]
  })
  t.strictSame(saved?.headers, { 'X-Id': 'sample-41' })
  const timed = samplesOf(
    { 'a.json': [{ event: 'booking.saved' }] },
    { event: { type: { body: 'event' }, time: { header: 'x-at' } } }
  )
  t.strictSame(timed['booking.saved']?.headers, { 'x-at': '2027-01-10T10:00:00.000Z' })
  const asked = samplesOf({ 'a.json': {} }, { event: { time: { query: 'at' } }, events: { only: '$' } })
  t.strictSame(asked.only?.query, { at: '2027-01-10T10:00:00.000Z' })
})

t.test('where nothing is described as id or time, the body stays as it is', async t => {
  const { only } = samplesOf({ 'a.json': { at: 1 } }, { event: undefined, events: { only: '$' } })
  t.equal(only?.body, '{"at":1}')
})

t.test('for Amazon SNS the body is put into an envelope', async t => {
  const { 'booking.saved': sample } = samplesOf(
    { 'a.json': { event: 'booking.saved' } },
    { verification: { scheme: 'sns' } }
  )
  const { Type, Message } = JSON.parse(sample?.body ?? '')
  t.strictSame([Type, Message], ['Notification', '{"event":"booking.saved"}'])
})
