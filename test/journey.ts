import t from 'tap'
import { platforms } from '../src/platforms/registry.ts'
import type { SampleBooking } from '../src/platforms/samples.ts'
import type { TestEngine } from './engines.ts'
import { openRelay } from './open-relay.ts'

const booking: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [{ id: 'r1', place: 'p1' }],
  guest: { id: 'g1', name: 'Ada Lovelace', email: 'ada@example.com', phone: '+12125550101' },
  arrival: '2027-03-12',
  departure: '2027-03-15',
  checkIn: '16:00',
  checkOut: '11:00',
  timeZone: 'Europe/Berlin',
  code: '4711',
  updatedAt: Date.UTC(2027, 0, 10, 10)
}

export function journey(engine: TestEngine): void {
  for (const platform of Object.values(platforms)) {
    t.test(
      `${platform.title}: a booking is at Seam, moves, and a late update does not bring it back once it is cancelled`,
      async t => {
        const relay = await openRelay(t, { engine })
        const id = `demo-${platform.name}`
        const context = (serial: number) => ({
          connection: relay.connection(id),
          now: relay.clock.now,
          serial
        })
        const moved = { ...booking, arrival: '2027-03-13', updatedAt: booking.updatedAt + 60_000 }
        const off: SampleBooking = { ...moved, status: 'cancelled', updatedAt: moved.updatedAt + 60_000 }
        const created = platform.samples.tell(undefined, booking, context(1))
        const changed = platform.samples.tell(booking, moved, context(2))
        const cancelled = platform.samples.tell(moved, off, context(3))

        for (const sample of created) t.equal((await relay.deliver(id, sample)).status, 200)
        await relay.settle()
        const first = await relay.held(id)
        t.same(
          first.reservations?.map(each => each.reservation_key),
          platform.samples.ids(booking).stays.map(stay => `${id}:${stay.id}`)
        )
        t.equal(first.guests?.length, 1)

        for (const sample of changed) t.equal((await relay.deliver(id, sample)).status, 200)
        await relay.settle()
        const second = await relay.held(id)
        t.equal(second.reservations?.length, 1)
        t.not(second.reservations?.[0]?.starts_at, first.reservations?.[0]?.starts_at)

        for (const sample of cancelled) t.equal((await relay.deliver(id, sample)).status, 200)
        await relay.settle()
        t.same((await relay.held(id)).reservations ?? [], [])

        // The world at the platform stays as it is; only the webhooks come late.
        for (const sample of [...changed, ...created]) {
          const { world: _world, ...late } = sample
          t.equal((await relay.deliver(id, late)).status, 200)
        }
        await relay.settle()
        const last = await relay.held(id)
        t.same([last.reservations ?? [], last.guests ?? []], [[], []])
      }
    )
  }
}
