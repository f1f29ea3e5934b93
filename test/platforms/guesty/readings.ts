import type { Change, Stay } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { guesty } from '../../../src/platforms/guesty/guesty.ts'
import { standIn } from '../../../src/platforms/guesty/stand-in.ts'
import type { PlatformEvent, Translation } from '../../../src/platforms/platform.ts'
import { type TestApi, testApi } from '../api.ts'
import { demoConnection } from '../demo-connection.ts'
import { deliveryOf, outcomesOf } from '../outcome.ts'

export const connection = demoConnection(guesty)
export const reservationId = '66f0c0ffee0000000000a001'
export const listingId = '66f0c0ffee000000000011a7'
export const publishedAt = '2026-01-05T09:12:44.120Z'

/** A lean event of the second version. */
export function lean(data: Record<string, unknown> = {}, meta: Record<string, unknown> = { publishedAt }) {
  return {
    event: 'reservation.updated.v2',
    meta,
    data: { reservationId, unitId: listingId, status: 'confirmed', ...data }
  }
}

/** A reservation as the API and legacy events show it. */
export function reservation(changed: Record<string, unknown> = {}) {
  return {
    _id: reservationId,
    listingId,
    guestId: 'g1',
    status: 'confirmed',
    source: 'manual',
    confirmationCode: 'GY-1',
    checkIn: '2026-01-10T14:00:00.000Z',
    checkOut: '2026-01-14T10:00:00.000Z',
    checkInDateLocalized: '2026-01-10',
    checkOutDateLocalized: '2026-01-14',
    lastUpdatedAt: '2026-01-05T09:12:43.900Z',
    keyCode: '4711',
    guest: { _id: 'g1', fullName: 'Mara Lindqvist' },
    listing: {
      _id: listingId,
      timezone: 'Europe/Berlin',
      defaultCheckInTime: '15:00',
      defaultCheckOutTime: '11:00'
    },
    ...changed
  }
}

export interface Told {
  world?: Record<string, unknown>
  headers?: Record<string, string>
  receivedAt?: number
  connection?: Partial<Connection>
}

/** What the one event of a body means. */
export async function translated(body: unknown, told: Told = {}): Promise<Translation> {
  const sample = { body: JSON.stringify(body), headers: told.headers ?? {} }
  const [outcome] = await outcomesOf(guesty, { ...connection, ...told.connection }, sample, {
    world: new Map(Object.entries(told.world ?? {})),
    ...(told.receivedAt !== undefined && { receivedAt: told.receivedAt })
  })
  if (outcome === undefined) throw new Error('there is no event')
  return outcome.translation
}

export async function changesOf(body: unknown, told: Told = {}): Promise<Change[]> {
  const translation = await translated(body, told)
  if (!Array.isArray(translation)) throw new Error(`ignored: ${translation.ignored}`)
  return translation
}

/** The only stay that a reservation event leads to. */
export async function stayOf(body: unknown, told: Told = {}): Promise<Stay> {
  const [stay] = (await changesOf(body, told)).flatMap(change =>
    change.change === 'stays' ? change.stays : []
  )
  if (stay === undefined) throw new Error('there is no stay')
  return stay
}

/** A lean event and the reservation that the API shows for it. */
export function hydrated(
  changed: Record<string, unknown> = {},
  data: Record<string, unknown> = {}
): [unknown, Told] {
  return [lean(data), { world: { [`reservations/${reservationId}`]: reservation(changed) } }]
}

function eventOf(body: unknown): PlatformEvent {
  const [event] = guesty.readEvents(deliveryOf(connection, { body: JSON.stringify(body) }))
  if (event === undefined) throw new Error('there is no event')
  return event
}

export function wants(body: unknown): string | undefined {
  return guesty.hydration?.wants(eventOf(body), connection)
}

export function apiOver(world: Record<string, unknown> | Map<string, unknown>): TestApi {
  const known = world instanceof Map ? world : new Map(Object.entries(world))
  return testApi(standIn, connection.api, known)
}

export async function read(bodies: unknown[], api: TestApi): Promise<unknown[]> {
  return (await guesty.hydration?.read(bodies.map(eventOf), api)) ?? []
}
