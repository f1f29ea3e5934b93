import t from 'tap'
import type { StaysChange } from '../../../src/model/change.ts'
import { lodgify } from '../../../src/platforms/lodgify/lodgify.ts'
import { type Platform, translateEvent } from '../../../src/platforms/platform.ts'
import { testApi } from '../api.ts'
import { house, known, reading, webhook } from './bodies.ts'

const { hydration, standIn } = lodgify as Required<Platform>

const noon = Date.parse('2026-04-17T12:00:00Z')
const minutes = 60_000

interface Told {
  action?: string
  changed?: object
  receivedAt: number
}

const declined = { action: 'booking_status_change_declined', changed: { status: 'Declined' } }
const made = { action: 'booking_new_status_booked', changed: { date_created: '2026-04-17T11:59:00+00:00' } }

/** A webhook, of which nothing was read. */
function unread({ action = 'booking_change', changed = {}, receivedAt }: Told, facts?: unknown): StaysChange {
  const event = { type: action, payload: webhook(changed, { action }) }
  const delivery = { id: 'd1', receivedAt, headers: {}, query: {} }
  const changes = translateEvent(lodgify, { event, facts, delivery, connection: reading })
  return (changes as StaysChange[]).at(-1) as StaysChange
}

/** A webhook, for which the booking was read then; null where it was gone. */
async function read(webhookTold: Told, readAt: number, booking: object | null = {}): Promise<StaysChange> {
  const { action = 'booking_change', changed } = webhookTold
  const world = new Map<string, unknown>([
    ['bookings/9100001', booking && { ...known, ...booking }],
    ['properties/410010', house]
  ])
  const api = { ...testApi(standIn, reading.api, world), readingTime: () => readAt }
  const [facts] = await hydration.read([{ type: action, payload: webhook(changed, { action }) }], api)
  return unread(webhookTold, facts)
}

t.test(
  'a booking that is gone when it is read is gone until it is found, whatever its clock says',
  async t => {
    const declinedLater = { ...declined, receivedAt: noon + 20 * minutes }
    for (const updated_at of ['2026-04-17T13:00:00', '2026-04-17T13:00:00Z', '2026-04-17T11:58:00Z', null]) {
      const booked = await read({ receivedAt: noon }, noon + 1, { updated_at })
      for (const webhookTold of [declinedLater, { receivedAt: noon - 1 }]) {
        const gone = await read(webhookTold, noon + 20 * minutes, null)
        t.equal(gone.emptyBecause, webhookTold === declinedLater ? 'gone' : 'not found')
        t.equal(gone.cancelled ?? false, webhookTold === declinedLater)
        t.ok(gone.version > booked.version, `${updated_at}`)
        const found = await read({ receivedAt: noon + 90 * minutes }, noon + 90 * minutes, { updated_at })
        t.ok(found.version > gone.version, 'found again, it is back')
      }
    }
  }
)

t.test('a new booking that was not read outdoes no refusal that is read later, in no zone', async t => {
  const booked = unread({ ...made, receivedAt: noon })
  t.equal(booked.stays.length, 1)
  for (const updated_at of ['2026-04-17T08:00:00', '2026-04-18T02:00:00', '2026-04-17T13:00:00Z', null]) {
    const answer = { status: 'Declined', updated_at }
    const over = await read({ ...declined, receivedAt: noon + 60 * minutes }, noon + 60 * minutes, answer)
    t.ok(over.cancelled && over.version > booked.version, `${updated_at}`)
  }
})

t.test('a new booking was not made after it was told, whatever the two clocks say', async t => {
  const receivedAt = noon - 3 * minutes
  t.equal(unread({ ...made, receivedAt }).version, receivedAt)
  const missing = await read({ ...made, receivedAt }, receivedAt, null)
  t.match(missing, { version: receivedAt - 1, emptyBecause: 'not found' })
})

t.test('a clock without a zone orders nothing: of two readings the later counts', async t => {
  // In many places the clock goes back at three.
  const booked = await read({ receivedAt: noon }, noon + 5, { updated_at: '2026-10-25T02:50:00' })
  const over = await read({ receivedAt: noon + 1 }, noon + 20 * minutes, {
    status: 'Declined',
    updated_at: '2026-10-25T02:10:00',
    canceled_at: '2026-10-25T02:10:00'
  })
  t.equal(booked.version, noon + 5)
  t.equal(over.version, noon + 20 * minutes + 5_000, 'a copy may be behind')
  const late = await read({ receivedAt: noon - 1 }, noon + 6, { updated_at: '2026-10-25T02:50:00' })
  t.equal(late.version, noon + 6, 'an answer of before that comes late changes nothing')
})

t.test('a clock with a zone orders readings, so that an answer of before outdoes no refusal', async t => {
  const over = await read({ ...declined, receivedAt: noon }, noon + 1, {
    status: 'Declined',
    updated_at: '2026-04-17T11:59:00Z'
  })
  const behind = await read({ receivedAt: noon + 1 }, noon + 2 * minutes, {
    updated_at: '2026-04-17T13:58:00+02:00'
  })
  t.ok(behind.version < over.version)
  t.equal(behind.version, noon - 2 * minutes)
})

t.test('facts that were kept with an answer without a status say nothing', async t => {
  const event = { type: 'booking_change', payload: webhook() }
  const delivery = { id: 'd1', receivedAt: noon, headers: {}, query: {} }
  const facts = { booking: { id: 9100001 } }
  t.match(translateEvent(lodgify, { event, facts, delivery, connection: reading }), {
    drift: 'unknown_status'
  })
})

t.test('facts that were kept before readings were dated count as of the receipt', async t => {
  const facts = { booking: { ...known, updated_at: '2026-04-17T13:00:00' } }
  t.equal(unread({ receivedAt: noon }, facts).version, noon)
  t.equal(unread({ receivedAt: noon }, { gone: true }).version, noon - 2 * minutes)
})
