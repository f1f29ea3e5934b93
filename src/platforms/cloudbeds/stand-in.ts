import type { StandIn, StandInResponse } from '../samples.ts'
import { isMembers } from '../told.ts'
import { basePath } from './ask.ts'

const PAGE_SIZE = 20

/** Each call, with the folder of its entities and the parameter that names one. */
const single: Record<string, { folder: string; id?: string }> = {
  getReservation: { folder: 'reservations', id: 'reservationID' },
  getGuest: { folder: 'guests', id: 'guestID' },
  getHotelDetails: { folder: 'hotels' }
}

/**
 * The PMS API over a world of `reservations/<property>/<id>`, `guests/<property>/<id>`, `hotels/<property>` and
 * `rooms/<property>/<id>`. What it does not know it tells as Cloudbeds does: with status 200.
 */
export const standIn: StandIn = (request, world, settings) => {
  const { method, path, headers, query } = request
  if (headers['x-api-key'] !== settings.api_key) return { status: 401, body: failure('Invalid API key') }
  const call = path.startsWith(basePath) ? path.slice(basePath.length) : ''
  if (method !== 'GET') return { status: 405, body: failure('Method not allowed') }
  if (call === 'getHotels') return answered(hotels(world, query.propertyIDs?.[0]))
  const property = query.propertyID?.[0]
  if (property === undefined) return { status: 200, body: failure('Parameter propertyID is required') }
  if (call === 'getRooms') {
    return answered([{ propertyID: property, rooms: page(rooms(world, property), query.pageNumber?.[0]) }])
  }
  const wanted = Object.hasOwn(single, call) ? single[call] : undefined
  if (wanted === undefined) return { status: 404, body: failure('Not found') }
  const id = wanted.id === undefined ? [] : [query[wanted.id]?.[0]]
  const entity = world.get([wanted.folder, property, ...id].join('/'))
  return isMembers(entity) ? answered(entity) : { status: 200, body: failure(`${call}: not found`) }
}

function hotels(world: Map<string, unknown>, property: string | undefined): unknown[] {
  const hotel = world.get(`hotels/${property}`)
  return isMembers(hotel) ? [{ propertyID: property, ...hotel }] : []
}

function rooms(world: Map<string, unknown>, property: string): unknown[] {
  return [...world].filter(([name]) => name.startsWith(`rooms/${property}/`)).map(([, room]) => room)
}

/** 20 at a time, however many are asked for. */
function page(list: unknown[], number = '1'): unknown[] {
  const start = (Number(number) - 1) * PAGE_SIZE
  return list.slice(start, start + PAGE_SIZE)
}

function answered(data: unknown): StandInResponse {
  return { status: 200, body: { success: true, data } }
}

function failure(message: string): unknown {
  return { success: false, message }
}
