import type { Test } from 'tap'
import { request } from 'undici'
import type { Platform } from '../../src/platforms/platform.ts'
import type { CallRecord } from '../../src/sandbox/call-log.ts'
import type { SandboxView } from '../../src/sandbox/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { write } from '../../src/store/write.ts'
import { FIRST_NIGHTS, type Load, type Told } from '../kill-load.ts'
import { eventually } from '../run-relay.ts'

/** Of what should not be, so many are shown. */
const SHOWN = 3
const DAY_MS = 24 * 3_600_000

/** Waits until nothing is to be done any more. @throws with what is left */
export async function drained(store: Store): Promise<void> {
  let left: object[] = []
  const look = async () => {
    left = await workIn(store)
    await hasten(store)
    return left.length === 0 ? true : undefined
  }
  await eventually(look, 'all work to be done').catch(error => {
    throw new Error(`${error.message}; left: ${JSON.stringify(left)}`)
  })
}

/** No lease lasts so long: what is due later than this rests after a failure, which on a slow machine are many. */
const LONGER_THAN_LEASES_MS = 30_000

/** What rests is taken up again, as if its time had come. */
async function hasten({ db, commit }: Store): Promise<void> {
  const now = Date.now()
  const later = now + LONGER_THAN_LEASES_MS
  const deliveries = db.updateTable('deliveries').set({ due_at: now, turn: now })
  const lanes = db.updateTable('lanes').set({ not_before: now })
  const rests = db.updateTable('rests').set({ until: now })
  await commit([
    write(deliveries.where('state', '=', 'received').where('due_at', '>', later)),
    write(lanes.where('not_before', '>', later)),
    write(rests.where('until', '>', later))
  ])
}

/** Some of what is still to be done. */
async function workIn({ db }: Store): Promise<object[]> {
  const work = await Promise.all([
    db
      .selectFrom('deliveries')
      .select(['id', 'connection_id', 'attempts', 'due_at', 'last_error'])
      .where('state', '=', 'received')
      .limit(SHOWN)
      .execute(),
    db
      .selectFrom('lanes')
      .select(['customer_key', 'due_at', 'not_before', 'lease_until', 'last_error'])
      .where(eb => eb.or([eb('due_at', 'is not', null), eb('lease_until', 'is not', null)]))
      .limit(SHOWN)
      .execute(),
    db.selectFrom('rerenders').select(['kind', 'key']).limit(SHOWN).execute()
  ])
  return work.flat()
}

export async function everyAcknowledgedDeliveryEnded(
  t: Test,
  store: Store,
  { acknowledged }: Load
): Promise<void> {
  const rows = await store.db.selectFrom('deliveries').select(['id', 'state']).execute()
  const states = new Map(rows.map(row => [row.id, row.state]))
  const notEnded = acknowledged.filter(({ deliveryId }) => states.get(deliveryId) !== 'translated')
  t.same(notEnded.slice(0, SHOWN), [], 'every acknowledged delivery was kept and translated')
  const others = rows.filter(row => row.state !== 'translated')
  t.same(others.slice(0, SHOWN), [], 'and so was every other that reached the disk')
  // Mews gives its deliveries no id.
  const named = acknowledged.filter(each => each.connectionId !== 'k-mews')
  const idsOf = Map.groupBy(named, ({ connectionId, webhookId }) => `${connectionId} ${webhookId}`)
  const twice = [...idsOf].filter(([, list]) => new Set(list.map(each => each.deliveryId)).size > 1)
  t.same(twice.slice(0, SHOWN), [], 'a webhook that came several times is one delivery')
}

export async function seamHoldsWhatIsTrue(t: Test, sandbox: string, told: Told[]): Promise<void> {
  const reply = await request(`${sandbox}/sandbox/state`)
  const view = (await reply.body.json()) as SandboxView
  const customers = view.workspaces.flatMap(each => each.customers)
  const entries = (list: string) =>
    customers.flatMap(each => (each.resources[list] ?? []) as Record<string, unknown>[])

  const expected = told.flatMap(({ connection: { id }, platform, booking }) =>
    staysOf(platform, booking).map(stay => ({
      reservation_key: `${id}:${stay.id}`,
      starts_at: `${booking.arrival}T16:00:00Z`,
      ends_at: `${booking.departure}T11:00:00Z`,
      space_keys: [`${id}:${stay.place}`]
    }))
  )
  const held = entries('reservations').map(({ reservation_key, starts_at, ends_at, space_keys }) => ({
    reservation_key,
    starts_at,
    ends_at,
    space_keys
  }))
  const byKey = (a: { reservation_key: unknown }, b: { reservation_key: unknown }) =>
    String(a.reservation_key) < String(b.reservation_key) ? -1 : 1
  t.same(held.sort(byKey), expected.sort(byKey), 'Seam holds exactly what was told')

  const staying = told.filter(({ platform, booking }) => staysOf(platform, booking).length > 0)
  const guests = new Set(staying.map(({ connection, booking }) => `${connection.id} ${booking.guest.id}`))
  t.equal(entries('guests').length, guests.size, 'and everybody who stays once')
  const withheld = customers.flatMap(each => each.stays).filter(each => each.access !== 'granted')
  t.same(withheld, [], 'and every stay gives access')
  t.same(
    view.workspaces.map(each => each.overlaps),
    [{}],
    'and no two calls about one customer were under way at once'
  )
}

/** What Seam was told, in the order in which it was told. */
export async function nothingWentBack(t: Test, sandbox: string, told: Told[]): Promise<void> {
  const reply = await request(`${sandbox}/sandbox/calls`)
  const { calls } = (await reply.body.json()) as { calls: CallRecord[] }
  const cancelled = new Set(
    told
      .filter(({ booking }) => booking.status === 'cancelled')
      .flatMap(({ connection, platform, booking }) =>
        staysOf(platform, { ...booking, status: 'confirmed' }).map(stay => `${connection.id}:${stay.id}`)
      )
  )
  const gone = new Set<string>()
  const newest = new Map<string, number>()
  const back: string[] = []
  const older: object[] = []
  let repeated = 0
  for (const { call, time, operation, applied, keys, body } of calls) {
    for (const key of keys.reservation_keys ?? []) if (applied && cancelled.has(key)) gone.add(key)
    if (operation !== 'push_data') continue
    for (const stay of staysIn(body)) {
      const key = stay.reservation_key
      const version = versionOf(stay)
      const before = newest.get(key) ?? 0
      if (applied && gone.has(key)) back.push(key)
      if (version < before) older.push({ call, time, key, version, before })
      if (version === before) repeated += 1
      newest.set(key, Math.max(version, before))
    }
  }
  t.same(back, [], 'no cancelled stay was pushed again once it was deleted')
  t.ok(gone.size > 0, 'and some were deleted')
  t.same(older.slice(0, SHOWN), [], 'no older state of a stay was pushed after a newer one')
  t.ok(
    [...newest.values()].some(version => version > 1),
    'and some had several'
  )
  t.comment(`${calls.length} calls to Seam, ${newest.size} stays, ${repeated} of them told once more`)
}

interface PushedStay {
  reservation_key: string
  starts_at: string
  ends_at: string
}

function staysIn(body: unknown): PushedStay[] {
  return (body as { reservations?: PushedStay[] }).reservations ?? []
}

/** Each version of a booking is a night longer than the one before. @returns from 1 */
function versionOf({ starts_at, ends_at }: PushedStay): number {
  return Math.ceil((Date.parse(ends_at) - Date.parse(starts_at)) / DAY_MS) - FIRST_NIGHTS + 1
}

function staysOf(platform: Platform, booking: Told['booking']) {
  return booking.status === 'confirmed' ? platform.samples.ids(booking).stays : []
}
