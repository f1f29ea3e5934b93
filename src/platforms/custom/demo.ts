import type { Description } from './description.ts'

/**
 * Heron Lodges, which does not exist: the platform of the connection `demo-custom` in connections.yaml, word for word, and
 * of docs/platforms/custom.md. Demo and tests speak as it.
 */
export const demoDescription: Description = {
  title: 'Heron Lodges',
  verification: {
    scheme: 'hmac',
    header: 'X-Heron-Signature',
    prefix: 'sha256=',
    signed: '{timestamp}.{body}',
    timestamp: { header: 'X-Heron-Timestamp' },
    tolerance_seconds: '300'
  },
  event: { type: { body: 'event' }, id: { body: 'event_id' }, time: { body: 'occurred_at' } },
  events: {
    'booking.saved': `(
  $words := { "booked": "confirmed", "pencilled": "tentative", "called off": "cancelled" };
  $status := $lookup($words, booking.state);
  $status = "cancelled"
    ? { "type": "reservation.cancelled", "data": { "id": booking.ref } }
    : {
        "type": "reservation.updated",
        "data": {
          "id": booking.ref,
          "status": $status ? $status : booking.state,
          "guest": contact ? {
            "id": contact.no, "name": contact.name, "email": contact.mail, "phone": contact.mobile
          } : null,
          "arrival_date": booking.arrives,
          "departure_date": booking.leaves,
          "check_in_time": booking.door.from,
          "check_out_time": booking.door.until,
          "preferred_code": booking.door.code,
          "units": booking.lodges ? [booking.lodges.{ "id": slot, "listing_id": lodge ? lodge.no : null }] : null
        }
      }
)
`,
    'lodge.saved': `{
  "type": "listing.updated",
  "data": { "id": lodge.no, "name": lodge.name, "time_zone": lodge.zone }
}
`
  },
  ignored: { 'review.posted': 'a review changes no stay' }
}
