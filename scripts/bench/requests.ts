import { createHmac, randomBytes, randomUUID } from 'node:crypto'

export const SIGNING_SECRET = 'bench-signing-secret'
export const API_KEY = 'seam_relay_for_the_benchmark_alone'

const CROCKFORD_BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Hospitable bodies of the wished size, each with an id and a booking of its own, signed. */
export function webhooks(count: number, bytes: number): Buffer[] {
  return Array.from({ length: count }, () => {
    const reservation = {
      id: randomUUID(),
      platform: 'airbnb',
      platform_id: 'HMBENCH001',
      check_in: '2027-03-12T16:00:00-04:00',
      check_out: '2027-03-15T11:00:00-04:00',
      reservation_status: { current: { category: 'accepted', sub_category: null }, history: [] },
      guest: { id: randomUUID(), first_name: 'Bench', last_name: 'Guest', email: null, phone_numbers: [] },
      properties: [{ id: `place-${Math.floor(Math.random() * 50)}`, name: 'Bench' }],
      note: ''
    }
    const event = {
      id: ulid(),
      action: 'reservation.created',
      created: new Date().toISOString(),
      version: 'v2',
      data: reservation
    }
    reservation.note = 'x'.repeat(Math.max(bytes - JSON.stringify(event).length, 0))
    const body = JSON.stringify(event)
    const signature = createHmac('sha256', SIGNING_SECRET).update(body).digest('hex')
    return post('/webhooks/hospitable/bench', `signature: ${signature}`, body)
  })
}

/** One reservation and one guest each, as an internal service pushes them. */
export function pushes(count: number): Buffer[] {
  return Array.from({ length: count }, () => {
    const guest_key = `guest-${randomUUID()}`
    const body = JSON.stringify({
      customer_key: 'bench',
      guests: [{ guest_key, name: 'Bench Guest', email_address: `${guest_key}@example.com` }],
      reservations: [
        {
          reservation_key: `reservation-${randomUUID()}`,
          guest_key,
          space_keys: [`place-${Math.floor(Math.random() * 50)}`],
          starts_at: '2027-03-12T20:00:00Z',
          ends_at: '2027-03-15T15:00:00Z'
        }
      ]
    })
    return post('/customers/push_data', `authorization: Bearer ${API_KEY}`, body)
  })
}

/** As Hospitable's page says of its event ids: in order of time, and so near each other in an index. */
function ulid(): string {
  const digits = (value: bigint, count: number) =>
    Array.from({ length: count }, (_each, place) =>
      CROCKFORD_BASE32.charAt(Number((value >> BigInt(5 * (count - 1 - place))) & 31n))
    ).join('')
  return digits(BigInt(Date.now()), 10) + digits(BigInt(`0x${randomBytes(10).toString('hex')}`), 16)
}

function post(path: string, header: string, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n${header}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}
