import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { readStandardEvent } from '../../../src/platforms/standard/read.ts'
import { translateStandardEvent } from '../../../src/platforms/standard/translate.ts'
import { misfits } from '../change-schema.ts'
import { validEvent } from './arbitrary.ts'

t.test('every valid event translates into changes that fit', async t => {
  fc.assert(
    fc.property(validEvent, fc.constantFrom('hold' as const, 'push' as const), (event, tentative) => {
      const read = readStandardEvent(event)
      assert.deepEqual(misfits(translateStandardEvent(read, { tentative })), [])
    })
  )
  t.pass('whatever it tells')
})

t.test('every cancellation is one, whatever else is told', async t => {
  const cancelling = validEvent.filter(event => event.type === 'reservation.cancelled')
  fc.assert(
    fc.property(cancelling, event => {
      const changes = translation(event)
      const last = changes.at(-1)
      assert.ok(last?.change === 'stays' && last.cancelled === true && last.stays.length === 0)
    }),
    { numRuns: 30 }
  )
  t.pass('no stay is left')
})

t.test('the time of the record goes before the time of the event', async t => {
  const data = { id: 'R-1', starts_at: '2026-08-01T15:00:00Z', ends_at: '2026-08-05T11:00:00Z' }
  const version = (members: object) =>
    translation(eventOf({ ...data, ...members })).map(change => change.version)
  t.strictSame(version({}), [1777714200000])
  t.strictSame(version({ updated_at: null }), [1777714200000])
  t.strictSame(version({ updated_at: '2026-05-02T09:29:59Z' }), [1777714199000])
  t.strictSame(version({ updated_at: 1777714199000, listing: { id: 1 } }), [1777714199000, 1777714199000])
  t.strictSame(version({ listing: { id: 1, updated_at: 1777714100000 } }), [1777714100000, 1777714200000])
})

t.test(
  'a reservation that stays nowhere brings no listing back, as it may be the last one of a listing that is gone',
  async t => {
    const dates = { starts_at: '2026-08-01T15:00:00Z', ends_at: '2026-08-05T11:00:00Z' }
    const kinds = (status: string) =>
      translation(eventOf({ id: 'R-1', ...dates, status, listing: { id: 5, name: 'Beach house' } })).map(
        ({ change }) => change
      )
    for (const status of ['confirmed', 'tentative']) t.strictSame(kinds(status), ['upsert', 'stays'], status)
    for (const status of ['cancelled', 'declined', 'inquiry', 'owner_stay', 'blocked'])
      t.strictSame(kinds(status), ['stays'], status)
  }
)

t.test('a unit without a listing of its own takes the booking’s, one with null has none', async t => {
  const dates = { arrival_date: '2026-08-01', departure_date: '2026-08-05' }
  const places = (booking: object, unit: object) => {
    const [change] = translation(
      eventOf({ id: 'R-1', ...dates, ...booking, units: [{ id: 1, ...unit }] })
    ).slice(-1)
    return change?.change === 'stays' ? change.stays.flatMap(stay => stay.places) : undefined
  }
  t.strictSame(places({ listing_id: 5 }, {}), ['5'])
  t.strictSame(places({ listing: { id: 5 } }, {}), ['5'])
  t.strictSame(places({ listing_ids: [5, 6] }, {}), ['5', '6'])
  t.strictSame(places({ listing_id: 5 }, { listing_ids: [] }), [])
  for (const name of ['listing_id', 'listing_ids', 'listing']) {
    t.strictSame(places({ listing_id: 5 }, { [name]: null }), [], name)
  }
  t.strictSame(places({}, {}), [])
})

t.test('a text of white space alone says that there is none', async t => {
  const data = { id: 'G-77', name: ' ', email: '\t', phone: '' }
  t.match(translation({ type: 'guest.updated', timestamp: 1777714200000, data }), [
    { fields: { name: undefined, email: null, phone: null } }
  ])
})

function eventOf(data: object): Record<string, unknown> {
  return { type: 'reservation.updated', timestamp: '2026-05-02T09:30:00Z', data }
}

function translation(event: Record<string, unknown>) {
  const changes = translateStandardEvent(readStandardEvent(event), { tentative: 'hold' })
  if (!Array.isArray(changes)) throw new Error(changes.ignored)
  return changes
}
