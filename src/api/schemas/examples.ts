import { EXAMPLE_ID, type Example } from '../../openapi/answer.ts'
import { invalidInput } from '../../seam/invalid-input.ts'
import type { DeliveryReport } from './delivery.ts'
import type { PushData } from './push-data.ts'

/** One stay through all operations: pushed, asked for, taken away again. */

const stay: PushData = {
  customer_key: 'lakeside-homes',
  spaces: [
    {
      space_key: 'beach-house',
      name: 'Beach house',
      customer_data: {
        time_zone: 'Europe/Lisbon',
        default_checkin_time: '16:00',
        default_checkout_time: '11:00'
      }
    }
  ],
  guests: [{ guest_key: 'guest-71', name: 'Ada Lovelace', email_address: 'ada@example.com' }],
  reservations: [
    {
      reservation_key: 'stay-40192',
      name: 'Lovelace, 3 nights',
      starts_at: '2027-07-01T15:00:00Z',
      ends_at: '2027-07-04T10:00:00Z',
      guest_key: 'guest-71',
      space_keys: ['beach-house'],
      preferred_code: '4711',
      custom_metadata: { channel: 'direct', returning: true }
    }
  ]
}

export const pushed: Record<string, Example> = {
  stay: { summary: 'A place, a guest and a stay that names both', value: stay },
  moved: {
    summary: 'The same stay with other times; places and people that have not changed may be left out',
    value: {
      customer_key: 'lakeside-homes',
      reservations: [{ ...stay.reservations?.[0], ends_at: '2027-07-05T10:00:00Z' }]
    }
  }
}

export const deleted: Record<string, Example> = {
  cancelled: { summary: 'A stay that was cancelled', value: { reservation_keys: ['stay-40192'] } },
  several: {
    summary: 'A stay and its guest, who has no other',
    value: { reservation_keys: ['stay-40192'], guest_keys: ['guest-71'] }
  }
}

export const taken: Record<string, Example> = { taken: { value: { ok: true } } }

export const invalid: Record<string, Example> = {
  field: {
    summary: 'One field is wrong',
    value: {
      error: invalidInput([
        { path: ['reservations', '0', 'ends_at'], message: 'must be after starts_at; swap or correct them' }
      ]),
      ok: false
    }
  },
  ...refused('invalid_content_type', 'Send the body as JSON, uncompressed: content-type: application/json')
}

/** One example, named like the error's type. */
export function refused(type: string, message: string): Record<string, Example> {
  return { [type]: { value: { error: { type, message }, ok: false } } }
}

const received: Pick<DeliveryReport, 'id' | 'received_at' | 'state' | 'customer_keys'> = {
  id: EXAMPLE_ID,
  received_at: '2027-06-20T08:15:30.000Z',
  state: 'translated',
  customer_keys: ['lakeside-homes']
}

const call = {
  at: '2027-06-20T08:15:31.200Z',
  status: 200,
  seam_request_id: '0b0f1c9e-4b5e-4b43-8f6a-0f4d7a4f5b61',
  error: null
}

const pushedResource = {
  customer_key: 'lakeside-homes',
  outcome: 'delivered' as const,
  revision: 12,
  calls: [{ operation: 'push_data' as const, ...call }]
}

const pushReport: DeliveryReport = {
  ...received,
  operation: 'push_data',
  events: [{ type: 'push_data', outcome: 'translated' }],
  resources: [
    { ...pushedResource, list: 'reservations', key: 'stay-40192', warnings: [] },
    {
      ...pushedResource,
      list: 'guests',
      key: 'guest-71',
      warnings: ['another guest of the workspace has this e-mail address; it was left out']
    }
  ]
}

const offboardingReport: DeliveryReport = {
  ...received,
  operation: 'delete_data',
  events: [{ type: 'delete_data', outcome: 'translated' }],
  resources: [],
  customers: [
    {
      customer_key: 'lakeside-homes',
      outcome: 'offboarded',
      calls: [{ operation: 'delete_data', ...call }]
    }
  ]
}

export const reported: Record<string, Example> = {
  pushed: {
    summary: 'A push: Seam has the stay, and its guest without the e-mail address',
    value: pushReport
  },
  offboarded: { summary: 'A customer was taken off', value: offboardingReport }
}

const event = {
  type: 'reservation.created',
  id: 'evt-1',
  timestamp: '2027-06-20T08:15:30Z',
  data: {
    id: '40192',
    arrival_date: '2027-07-01',
    departure_date: '2027-07-04',
    guest: { id: '71', name: 'Ada Lovelace', email: 'ada@example.com' },
    listing: { id: 'beach-house', name: 'Beach house', time_zone: 'Europe/Lisbon' }
  }
}

export const posted: Record<string, Example> = {
  one: { summary: 'One event', value: event },
  several: {
    summary: 'A list, each judged for itself',
    value: [
      event,
      { type: 'reservation.cancelled', id: 'evt-2', timestamp: '2027-06-21T09:00:00Z', data: { id: '40193' } }
    ]
  }
}

export const heard: Record<string, Example> = {
  one: { summary: 'One event', value: { received: true, delivery_id: EXAMPLE_ID } },
  several: {
    summary: 'A list',
    value: {
      results: [
        { delivery_id: EXAMPLE_ID, duplicate: true },
        { error: { code: 'RELAY_EVENT_INVALID', detail: 'reservation.cancelled: /data/id is missing' } }
      ]
    }
  }
}
