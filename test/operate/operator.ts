import type { Test } from 'tap'
import { request } from 'undici'
import { hospitable } from '../../src/platforms/hospitable/hospitable.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { type OpenRelayOptions, openRelay, type TestRelay } from '../open-relay.ts'

export const TOKEN = 'the-admin-token-of-the-test'
export const KEY = 'seam_relay_of_the_environment'
export const CONNECTION = 'demo-hospitable'

export const booking: SampleBooking = {
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

export interface Answered {
  status: number
  headers: Record<string, string | string[] | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: what is in it, each test says
  body: any
}

/** Asks as an operator. @param key the token; null: none */
export async function ask(
  { origin }: Pick<TestRelay, 'origin'>,
  path: string,
  key: string | null = TOKEN
): Promise<Answered> {
  const reply = await request(`${origin}/api/v1${path}`, {
    headers: key === null ? {} : { authorization: `Bearer ${key}` }
  })
  const text = await reply.body.text()
  return { status: reply.statusCode, headers: reply.headers, body: text === '' ? {} : JSON.parse(text) }
}

export async function openOperated(t: Test, options: OpenRelayOptions = {}): Promise<TestRelay> {
  const env = { RELAY_ADMIN_TOKEN: TOKEN, RELAY_API_KEYS: KEY, ...options.env }
  return openRelay(t, { ...options, env })
}

let serial = 0

/** Hospitable tells of a booking, or of its change. @returns ids of the deliveries */
export async function tell(relay: TestRelay, now: SampleBooking, before?: SampleBooking): Promise<string[]> {
  serial += 1
  const context = { connection: relay.connection(CONNECTION), now: relay.clock.now, serial }
  const ids: string[] = []
  for (const sample of hospitable.samples.tell(before, now, context)) {
    const { body } = await relay.deliver(CONNECTION, sample)
    ids.push(String(body.delivery_id))
  }
  return ids
}

/** Does something as an operator. @param key the token; null: none */
export async function act(
  { origin }: Pick<TestRelay, 'origin'>,
  method: 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  { key = TOKEN, headers = {} }: { key?: string | null; headers?: Record<string, string> } = {}
): Promise<Answered> {
  const reply = await request(`${origin}/api/v1${path}`, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  })
  const text = await reply.body.text()
  return { status: reply.statusCode, headers: reply.headers, body: text === '' ? {} : JSON.parse(text) }
}
