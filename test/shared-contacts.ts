import { deepStrictEqual, ok } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { Connection } from '../src/model/connection.ts'
import type { SampleBooking } from '../src/platforms/samples.ts'
import { standard } from '../src/platforms/standard/standard.ts'
import type { TestEngine } from './engines.ts'
import { type MortalRelay, openMortalRelay } from './mortal-relay.ts'

/** Two accounts of one customer, and two customers more. */
const connections = [
  { id: 'lake', customerKey: 'one' },
  { id: 'hill', customerKey: 'one' },
  { id: 'port', customerKey: 'two' },
  { id: 'wood', customerKey: 'three' }
]

/** A booking is made or told again, for one of a few guests who have two addresses and two numbers among them. */
const anyTelling = fc.record({
  connection: fc.nat({ max: connections.length - 1 }),
  booking: fc.constantFrom('b1', 'b2'),
  guest: fc.constantFrom('g1', 'g2', 'g3'),
  email: fc.constantFrom('ada', 'grace'),
  phone: fc.constantFrom(1, 2),
  status: fc.constantFrom<SampleBooking['status']>('confirmed', 'confirmed', 'confirmed', 'cancelled'),
  next: fc.constantFrom('nothing', 'nothing', 'translate', 'sync', 'all at once', 'wait', 'die', 'settle')
})
type Telling = typeof anyTelling extends fc.Arbitrary<infer T> ? T : never

/** What truly is, by key at Seam. */
interface Truth {
  stays: Map<string, SampleBooking & { connection: Connection }>
  guests: Map<string, Known>
}

interface Known {
  wish: SampleBooking['guest']
  ever: Set<string | null>
  told: number
}

export function sharedContacts(engine: TestEngine, numRuns: number): void {
  t.test(
    'an address or number is at one guest who wants it, and at no two',
    { timeout: 300_000 },
    async t => {
      const relay = await openMortalRelay(t, standard, { engine, connections, random: () => 0.5 })
      let run = 0
      let told = 0

      await fc.assert(
        fc.asyncProperty(fc.array(anyTelling, { minLength: 2, maxLength: 12 }), async tellings => {
          run += 1
          const truth: Truth = { stays: new Map(), guests: new Map() }
          try {
            for (const telling of tellings) {
              told += 1
              await tell(relay, telling, truth, { run, told })
              await goOn(relay, telling.next, told)
            }
            await relay.settle()
            check(await relay.held(), truth)
          } finally {
            await relay.forget()
          }
        }),
        { numRuns }
      )
      t.comment(`${run} runs, ${relay.deaths} deaths`)
    }
  )
}

async function tell(
  relay: MortalRelay,
  { connection: index, booking: name, guest, email, phone, status }: Telling,
  truth: Truth,
  { run, told }: { run: number; told: number }
): Promise<void> {
  const connection = relay.connections[index] as Connection
  relay.clock.now += 1
  const booking: SampleBooking = {
    id: `x${run}${name}`,
    status,
    rooms: [{ id: 'r1', place: `x${run}p1` }],
    guest: {
      id: `x${run}${guest}`,
      name: `Guest ${told}`,
      email: `${email}.${run}@example.com`,
      phone: `+1212${2_000_000 + run * 3 + phone}`
    },
    arrival: '2027-03-10',
    departure: '2027-03-12',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: null,
    updatedAt: relay.clock.now
  }
  const key = `${connection.id}:${booking.id}_r1`
  const before = truth.stays.get(key)
  truth.stays.set(key, { ...booking, connection })
  if (status === 'confirmed') {
    const guestKey = `${connection.id}:${booking.guest.id}`
    const ever = truth.guests.get(guestKey)?.ever ?? new Set()
    truth.guests.set(guestKey, {
      told,
      wish: booking.guest,
      ever: ever.add(booking.guest.email).add(booking.guest.phone)
    })
  }
  const context = { connection, now: relay.clock.now, serial: told }
  for (const sample of standard.samples.tell(before, booking, context))
    await relay.post(connection, sample, `msg_${told}`)
}

async function goOn(relay: MortalRelay, next: Telling['next'], told: number): Promise<void> {
  if (next === 'translate') await relay.step('translateOnce')
  if (next === 'sync') await relay.step('syncOnce')
  if (next === 'wait') relay.clock.now += 2_000
  if (next === 'die') relay.dieAfter(told % 7, told % 2 === 0)
  if (next === 'settle') await relay.settle()
  if (next === 'all at once') {
    const steps = ['syncOnce', 'translateOnce', 'syncOnce', 'redrawOnce'] as const
    await relay.together(steps.map(name => () => relay.step(name)))
  }
}

function check({ customers, overlaps }: Awaited<ReturnType<MortalRelay['held']>>, truth: Truth): void {
  type Held<T> = (T & { customer: string })[]
  const listOf = <T>(list: string) =>
    customers.flatMap(({ customer_key: customer, resources }) =>
      (resources[list] ?? []).map(entry => ({ ...(entry as T), customer }))
    ) as Held<T>
  const stays = listOf<{ reservation_key: string; guest_key: string }>('reservations')
  const guests = listOf<{ guest_key: string; name: string; email_address?: string; phone_number?: string }>(
    'guests'
  )
  const live = [...truth.stays].filter(([, booking]) => booking.status === 'confirmed')

  deepStrictEqual(overlaps, {})
  deepStrictEqual(keysOf(stays.map(stay => stay.reservation_key)), keysOf(live.map(([key]) => key)))
  deepStrictEqual(keysOf(stays.map(stay => stay.guest_key)), keysOf(guests.map(guest => guest.guest_key)))
  const skipped = customers.flatMap(each => each.stays).filter(stay => stay.access !== 'granted')
  deepStrictEqual(skipped, [], 'every stay has access')

  for (const { reservation_key, guest_key } of stays) {
    const booking = truth.stays.get(reservation_key)
    const own = `${booking?.connection.id}:${booking?.guest.id}`
    const named = guests.find(guest => guest.guest_key === guest_key)
    if (own !== guest_key)
      deepStrictEqual(named?.email_address, truth.guests.get(own)?.wish.email, 'the same person')
  }

  const personAt = personIn(truth, stays)
  for (const guest of guests)
    deepStrictEqual(guest.name, personAt(guest.guest_key).wish.name, 'as told last of whoever it is')

  for (const field of ['email_address', 'phone_number'] as const) {
    const wishOf = ({ guest_key }: { guest_key: string }) =>
      personAt(guest_key).wish[field === 'email_address' ? 'email' : 'phone'] ?? ''
    const having = Map.groupBy(guests, each => each[field] ?? '')
    for (const [contact, wanting] of Map.groupBy(guests, wishOf)) {
      const [holder, ...others] = having.get(contact) ?? []
      deepStrictEqual(others, [], 'nobody else has it')
      // Whoever has been given another one that they may not have yet keeps the old one: Seam may not forget it.
      const keeps = (each: (typeof guests)[number]) =>
        each[field] !== wishOf(each) && personAt(each.guest_key).ever.has(contact)
      if (holder === undefined) {
        ok(guests.some(keeps), 'somebody has what is wanted')
        continue
      }
      ok(wanting.includes(holder) || keeps(holder), 'and wants it, or waits for another')
      const sameCustomer = wanting.filter(each => each !== holder && each.customer === holder.customer)
      if (field === 'email_address' && wanting.includes(holder))
        deepStrictEqual(sameCustomer, [], 'in one customer they are one person')
    }
  }
}

/**
 * By the key at Seam: what was told last of those whose stays name it and who share its e-mail; and all that it ever had,
 * or had for being the same person as others of its customer.
 */
function personIn(truth: Truth, stays: { reservation_key: string; guest_key: string }[]) {
  const isEmail = (contact: string | null) => contact?.includes('@') === true
  const customerOf = (key: string) => connections.find(({ id }) => key.startsWith(`${id}:`))?.customerKey
  return (key: string) => {
    const own = truth.guests.get(key) as Known
    const others = stays
      .filter(stay => stay.guest_key === key)
      .map(stay => truth.stays.get(stay.reservation_key))
      .map(stay => truth.guests.get(`${stay?.connection.id}:${stay?.guest.id}`) as Known)
    const same = [own, ...others].filter(({ wish }) => wish.email === own.wish.email)
    const last = same.reduce((newest, each) => (each.told > newest.told ? each : newest))
    const once = [...truth.guests].filter(
      ([other, { ever }]) =>
        customerOf(other) === customerOf(key) &&
        [...own.ever].some(contact => isEmail(contact) && ever.has(contact))
    )
    return { wish: last.wish, ever: new Set(once.flatMap(([, { ever }]) => [...ever])) }
  }
}

function keysOf(keys: string[]): string[] {
  return [...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1))
}
