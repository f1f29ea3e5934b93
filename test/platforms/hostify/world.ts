import type { Change, Stay } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { hostify } from '../../../src/platforms/hostify/hostify.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { sealed, type Unsigned } from '../../../src/platforms/sns.ts'
import { demoConnection, outcomesOf } from '../contract.ts'
import { notice } from '../sns/envelopes.ts'

export const connection = demoConnection(hostify)
export const receivedAt = Date.parse('2027-02-11T08:30:06Z')
export const sentAt = Date.parse('2027-02-11T08:30:05.120Z')

export const listing = {
  id: 300451,
  name: 'Quay Loft – harbour view',
  nickname: 'Quay Loft',
  street: '12 Quay Road',
  city: 'Gothenburg',
  state: '',
  zipcode: '411 21',
  country: 'Sweden',
  lat: 57.7072,
  lng: 11.9668,
  timezone: 'Europe/Stockholm',
  timezone_offset: '+01:00',
  checkin_start: '15:00',
  checkout: '11:00',
  is_listed: 1,
  parent_id: null,
  master_calendar: 1
}

export const guest = {
  id: 5511002,
  name: 'Zoë Lindqvist',
  email: 'zoe.lindqvist@example.com',
  phone: '+46855501470'
}

export const reservation = {
  id: 40118823,
  confirmation_code: 'HMQ4X2ABCD',
  listing_id: 300452,
  parent_listing_id: 300451,
  guest_id: 5511002,
  status: 'accepted',
  status_code: 1,
  checkIn: '2027-03-26',
  checkOut: '2027-03-29',
  planned_arrival: '16:00',
  planned_departure: '11:00',
  updated_at: '2027-02-11 08:30:04',
  lock_pin: null
}

export type Parts = { reservation?: object; guest?: object | null; listing?: object | null; more?: object }

/** What the API answers for the reservation. */
export function known({ reservation: changes, guest: who, listing: where, more }: Parts = {}) {
  return {
    'reservations/40118823': {
      reservation: { ...reservation, ...changes },
      ...(who !== null && { guest: { ...guest, ...who } }),
      ...(where !== null && { listing: { ...listing, ...where } }),
      ...more
    }
  }
}

/** An envelope around a message, signed by the demo's key. */
export function told(message: unknown, more: Partial<Unsigned> = {}): string {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  return sealed({ ...notice, Message: text, ...more }, connection.secrets)
}

export const update = { reservation_id: '40118823', action: 'update_reservation' }

export async function translated(
  message: unknown,
  world: Record<string, unknown> = known(),
  overrides: Partial<Connection> = {},
  cameAt = receivedAt
): Promise<Translation> {
  const outcomes = await outcomesOf(
    hostify,
    { ...connection, ...overrides },
    { body: told(message) },
    {
      receivedAt: cameAt,
      world: new Map(Object.entries(world))
    }
  )
  const [outcome] = outcomes
  if (outcome === undefined || outcomes.length > 1) throw new TypeError(`${outcomes.length} events`)
  return outcome.translation
}

export async function changesOf(...given: Parameters<typeof translated>): Promise<Change[]> {
  const translation = await translated(...given)
  if (!Array.isArray(translation)) throw new TypeError(translation.ignored)
  return translation
}

/** The one stay of what a reservation reads like. */
export async function stayOf(parts: Parts, overrides: Partial<Connection> = {}): Promise<Stay> {
  const change = (await changesOf(update, known(parts), overrides)).at(-1)
  if (change?.change !== 'stays' || change.stays[0] === undefined) throw new TypeError('no stay')
  return change.stays[0]
}
