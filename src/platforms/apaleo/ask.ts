import type { ApiRequest } from '../api.ts'
import { clientBasic } from './token.ts'

const origin = 'https://api.apaleo.com'

/** One for all requests, so that they share what it fetched. */
const token = clientBasic()

/** A unit or a property, by id. */
export function inventory(list: 'units' | 'properties', id: string): ApiRequest {
  return { method: 'GET', origin, path: `/inventory/v1/${list}/${encodeURIComponent(id)}`, bearer: token }
}

/** With its booker and its units: without `expand` neither is told. */
export function reservation(id: string): ApiRequest {
  const path = `/booking/v1/reservations/${encodeURIComponent(id)}`
  return { method: 'GET', origin, path, query: { expand: 'booker,assignedUnits' }, bearer: token }
}
