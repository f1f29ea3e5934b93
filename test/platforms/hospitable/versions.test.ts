import t from 'tap'
import type { StaysChange } from '../../../src/model/change.ts'
import { openRelay } from '../../open-relay.ts'
import { emptyStore } from '../../store/empty-store.ts'
import { bookingOf, data, event, receivedAt, translated, version } from './reservations.ts'

t.test('a historic reservation does not bring a past stay back', async t => {
  const historic = (created: string | undefined, changes: Record<string, unknown> = {}) => ({
    ...event,
    triggers: ['historic_reservation'],
    created,
    data: { ...data, ...changes }
  })
  const over = { stays: [], emptyBecause: 'ended before it was connected' }
  const kept = { stays: [{ id: 'r-1' }] }
  t.match(await bookingOf(historic('2026-03-15T15:00:01Z')), over)
  t.match(await bookingOf(historic('2026-03-15T15:00:00Z')), kept, 'up to the last second it is a stay')
  t.match(await bookingOf(historic(undefined)), kept, 'without a clock the time of receipt counts')
  const past = { check_in: '2026-01-12T16:00:00-04:00', check_out: '2026-01-15T11:00:00-04:00' }
  t.match(await bookingOf(historic('2025-12-01T09:00:00Z', past)), over, 'also where it was created before')
  const dateOnly = { check_out: null }
  t.match(
    await bookingOf(historic('2026-03-16T11:59:00Z', dateOnly)),
    kept,
    'it may still be that day somewhere'
  )
  t.match(await bookingOf(historic('2026-03-16T12:00:01Z', dateOnly)), over)
  t.match(await bookingOf(historic('2026-09-01T00:00:00Z', { check_out: null, departure_date: null })), kept)
  t.match(await bookingOf({ ...historic('2026-09-01T00:00:00Z'), triggers: 'status_changed' }), kept)
})

t.test('the version is the event’s time, else the newest change of status, else the receipt', async t => {
  const history = [
    { changed_at: '2026-02-01T00:00:00Z' },
    { changed_at: '2026-02-03T00:00:00Z' },
    { changed_at: 'soon' },
    {}
  ]
  const reservation_status = { ...data.reservation_status, history }
  const body = { ...event, data: { ...data, reservation_status } }
  t.match(await bookingOf({ ...body, action: 'reservation.created' }), { version })
  t.match(await bookingOf({ ...body, created: null }), { version: Date.parse('2026-02-03T00:00:00Z') })
  t.match(await bookingOf({ ...event, created: 'yesterday' }), { version: receivedAt })
})

t.test('two changes of one second go by the last change of status that each tells', async t => {
  const versionOf = async (category: string, history: unknown, created = event.created) => {
    const reservation_status = { current: { category }, history }
    const booking = await bookingOf({ ...event, created, data: { ...data, reservation_status } })
    return (booking as StaysChange).version
  }
  const changedAt = (...times: string[]) => times.map(time => ({ changed_at: `2026-02-20T${time}Z` }))
  const request = await versionOf('request', changedAt('09:14:58'))
  const accepted = await versionOf('accepted', changedAt('09:14:58', '09:15:00'))
  const again = await versionOf('accepted', changedAt('09:15:00', '09:14:58', '09:15:02'))
  t.ok(request < accepted)
  t.equal(accepted, again, 'what is later than the event is as late as the event')
  t.equal(await versionOf('accepted', changedAt('08:00:00')), version + 1, 'old changes are all the same')
  for (const none of [undefined, null, [], 'none', [null], [{ changed_at: 5 }]]) {
    t.equal(await versionOf('accepted', none), version + 1)
    t.ok((await versionOf('cancelled', none)) >= accepted, 'a cancellation wins a tie')
  }
  t.ok((await versionOf('cancelled', changedAt('09:14:58', '09:14:59'))) < accepted, 'unless it tells when')
  t.ok(accepted < (await versionOf('request', undefined, '2026-02-20T09:15:01Z')), 'and of one second only')
  const exact = '2026-02-20T09:15:00.250Z'
  for (const category of ['accepted', 'cancelled']) {
    t.equal(await versionOf(category, changedAt('09:15:00'), exact), Date.parse(exact))
  }
})

t.test('within one second a change counts as later than the creation, and a cancellation wins', async t => {
  const versionOf = async (action: string, category: string, history: unknown) => {
    const reservation_status = { current: { category }, history }
    return ((await bookingOf({ ...event, action, data: { ...data, reservation_status } })) as StaysChange)
      .version
  }
  const late = [{ changed_at: event.created }]
  const old = [{ changed_at: '2026-02-01T00:00:00Z' }]
  for (const history of [late, old, [], undefined]) {
    const created = await versionOf('reservation.created', 'accepted', history)
    t.equal(created, version)
    for (const other of [late, old, [], undefined])
      t.ok(created < (await versionOf('reservation.changed', 'accepted', other)))
  }
  for (const action of ['reservation.created', 'reservation.changed']) {
    const latest = await versionOf('reservation.changed', 'accepted', late)
    t.ok((await versionOf(action, 'cancelled', [])) >= latest)
  }
})

t.test('a property that was deleted is not back by an event of the same second', async t => {
  const told = async (action: string, created: string) =>
    ((await translated({ action, created, data: { id: 'p-1' } })) as { version: number }[])[0]?.version ?? 0
  const reservation_status = { ...data.reservation_status, history: [{ changed_at: event.created }] }
  const booking = (await bookingOf({ ...event, data: { ...data, reservation_status } })) as StaysChange
  t.ok((await told('property.deleted', event.created)) >= booking.version)
  t.ok(
    (await told('property.deleted', event.created)) < (await told('property.changed', '2026-02-20T09:15:01Z'))
  )
  const exact = '2026-02-20T09:15:00.250Z'
  t.equal(await told('property.deleted', exact), Date.parse(exact))
})

t.test('a cancellation brings back neither a deleted property nor the other stays in it', async t => {
  const relay = await openRelay(t, {
    store: await emptyStore(),
    connections:
      'connections:\n  - { id: h, platform: hospitable, customer_key: h, secrets: { token: a-token-of-ours-0001 } }'
  })
  const coming = { ...data, check_in: '2027-03-12T16:00:00-04:00', check_out: '2027-03-15T11:00:00-04:00' }
  const tell = (id: string, body: object) =>
    relay.deliver('h', { event: '', body: JSON.stringify({ ...event, id, ...body }) })
  await tell('e-1', { data: coming })
  await tell('e-2', { data: { ...coming, id: 'r-2' } })
  await tell('e-3', { action: 'property.deleted', created: '2026-02-20T09:16:00Z', data: { id: 'p-1' } })
  const cancelled = { ...coming, reservation_status: { current: { category: 'cancelled' } } }
  await tell('e-4', { created: '2026-02-20T09:17:00Z', data: cancelled })
  await relay.settle()
  const { reservations = [], spaces = [] } = await relay.held('h')
  t.strictSame([reservations, spaces], [[], []])
})
