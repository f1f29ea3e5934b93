import t from 'tap'
import { momentOf, zoneOf } from '../../../src/platforms/hostfully/times.ts'
import { changesOf, ids, leadKnown, webhook } from './world.ts'

const local = '2026-01-10T16:00:00'

t.test('a zoned time with an offset is an instant, in whichever form', async t => {
  const instant = '2026-01-10T16:00:00-07:00'
  for (const text of [
    '2026-01-10T16:00:00-07:00',
    '2026-01-10T16:00:00.000-0700',
    '2026-01-10T16:00-07',
    '2026-01-10 16:00:00 -07:00',
    '2026-01-10T16:00-07:00[America/Denver]'
  ])
    t.strictSame(momentOf(text, local), { instant }, text)
  t.strictSame(momentOf('2026-01-10T23:00:00Z[UTC]', local), { instant: '2026-01-10T23:00:00Z' })
  t.strictSame(momentOf('2026-01-10T16:00:30-07:00', local), { instant: '2026-01-10T16:00:30-07:00' })
})

t.test('a zone without an offset is the zone of a local time', async t => {
  const expected = { date: '2026-01-10', time: '16:00', timeZone: 'America/Denver' }
  t.strictSame(momentOf('2026-01-10T16:00:00[America/Denver]', null), expected)
  t.strictSame(momentOf('2026-01-10T16:00:00 America/Denver', null), expected)
  t.strictSame(momentOf('2026-01-10T16:00:00[Mars/Base]', null), { date: '2026-01-10', time: '16:00' })
})

t.test('trap: where the zoned time cannot be read, the local one counts, with a T or a blank', async t => {
  for (const zoned of [null, undefined, '', 'tomorrow', '2026-13-10T16:00:00Z', '2026-01-10T26:00:00Z', 7])
    t.strictSame(momentOf(zoned, local), { date: '2026-01-10', time: '16:00' })
  t.strictSame(momentOf(null, '2024-01-15 15:00:00'), { date: '2024-01-15', time: '15:00' })
})

t.test('a day without a time waits for the hours', async t => {
  t.strictSame(momentOf(null, '2026-01-10'), { date: '2026-01-10' })
  t.strictSame(momentOf('2026-01-10', null), { date: '2026-01-10' })
  t.equal(momentOf(null, null), null)
  t.equal(momentOf('soon', '2026-02-30'), null)
})

t.test('a zone that is named is the property’s too', async t => {
  t.equal(zoneOf('2026-01-10T16:00-07:00[America/Denver]', local), 'America/Denver')
  t.equal(zoneOf('2026-01-10T16:00-07:00', local), undefined)
  const zoned = { checkInZonedDateTime: '2026-01-10T16:00-07:00[America/Denver]' }
  const zoneTold = { change: 'upsert', id: ids.property, fields: { timeZone: 'America/Denver' } }
  t.match((await changesOf(webhook('NEW_BOOKING'), leadKnown(zoned)))[0], zoneTold)
  t.match((await changesOf(webhook('NEW_HOLD'), leadKnown({ ...zoned, status: 'ON_HOLD' })))[0], zoneTold)
  t.equal((await changesOf(webhook('NEW_BOOKING'), leadKnown({ ...zoned, propertyUid: null }))).length, 1)
})

t.test('trap: a zoned time that is written in UTC tells nothing of the property’s zone', async t => {
  for (const zoned of [
    '2026-01-10T23:00:00Z[UTC]',
    '2026-01-10T23:00:00+00:00[Etc/UTC]',
    '2026-01-10T23:00[GMT]'
  ])
    t.equal(zoneOf(zoned, local), undefined, zoned)
  t.equal(zoneOf('2026-01-11T16:00:00Z[UTC]', local), undefined, 'nor one of another day')
  t.equal(
    zoneOf('2026-01-10T16:00-07:00[America/Denver]', null),
    undefined,
    'where no local time confirms it'
  )
  t.equal(zoneOf('2026-01-10T16:00:00Z[Africa/Accra]', '2026-01-10 16:00:00'), 'Africa/Accra')
  for (const there of [local, null]) t.equal(zoneOf('soon', there), undefined)
  const changes = await changesOf(
    webhook('NEW_BOOKING'),
    leadKnown({ checkInZonedDateTime: '2026-01-10T23:00:00Z[UTC]' })
  )
  t.match(changes, [{ change: 'stays', stays: [{ start: { instant: '2026-01-10T23:00:00Z' } }] }])
  t.equal(changes.length, 1)
})
