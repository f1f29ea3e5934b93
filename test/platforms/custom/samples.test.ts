import t from 'tap'
import { custom } from '../../../src/platforms/custom/custom.ts'
import { demoConnection } from '../demo-connection.ts'
import { halfAssigned, sampleBooking } from '../sample-bookings.ts'

t.test(
  'a booking of two lodges, one of which is not assigned yet, tells both and is found by one',
  async t => {
    const booking = sampleBooking({ rooms: halfAssigned })
    const [sample] = custom.samples.tell(undefined, booking, {
      connection: demoConnection(custom),
      now: booking.updatedAt,
      serial: 1
    })
    t.match(JSON.parse(String(sample?.body)), {
      booking: {
        lodges: [
          { slot: 'r1', lodge: { no: 'p1' } },
          { slot: 'r2', lodge: null }
        ]
      }
    })
    t.strictSame(custom.samples.ids(booking), { stays: [{ id: 'b1_r1', place: 'p1' }] })
  }
)
