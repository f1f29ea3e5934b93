import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { goneOnceAsked, type PlatformApi } from '../api.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { only, readEntity } from '../read-entity.ts'
import { entriesOf, type Members, membersOf } from '../told.ts'
import { EntityEvent, endings, isServed, reservationTypes } from './events.ts'
import { readPlace } from './place.ts'
import { reservation } from './requests.ts'

/** As stored beside a delivery. */
export type ReservationFacts = { gone: true } | { reservation: Members }
export type UnitFacts = { gone: true } | { place: PlaceFields }

const reservationMembers = ['id', 'status', 'arrival', 'departure', 'modified', 'checkInTime', 'checkOutTime']
const guestMembers = ['firstName', 'lastName', 'email', 'phone']
const unitMembers = ['id', 'name']

const unitTypes = ['unit/created', 'unit/changed']

/** Deletions are told by the id alone; what was deleted could not be read. */
export const hydration: Hydration = {
  wants({ type, payload }, connection) {
    const isRead = reservationTypes.includes(type) || unitTypes.includes(type)
    return isRead && isServed(membersOf(payload), connection) ? 'must' : 'no'
  },
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

/** Null for an event that names nothing, which its schema refuses later. */
async function readFacts({ type, payload }: PlatformEvent, api: PlatformApi) {
  if (!Value.Check(EntityEvent, payload)) return null
  const id = String(payload.data.entityId)
  return unitTypes.includes(type) ? readUnit(id, api) : readReservation(id, api, endings.includes(type))
}

async function readReservation(id: string, api: PlatformApi, isOver: boolean): Promise<ReservationFacts> {
  const entity = await readEntity(api, 'apaleo', reservation(id))
  if (entity === undefined)
    return isOver ? { gone: true } : goneOnceAsked(api, 'apaleo does not know a reservation that is on')
  return {
    reservation: {
      ...only(reservationMembers, entity),
      primaryGuest: only(guestMembers, membersOf(entity.primaryGuest)),
      booker: only(guestMembers, membersOf(entity.booker)),
      unit: only(unitMembers, membersOf(entity.unit)),
      assignedUnits: entriesOf(entity.assignedUnits).map(({ unit, timeRanges }) => ({
        unit: only(unitMembers, membersOf(unit)),
        timeRanges: entriesOf(timeRanges).map(({ from = null, to = null }) => ({ from, to }))
      }))
    }
  }
}

async function readUnit(id: string, api: PlatformApi): Promise<UnitFacts> {
  const place = await readPlace(id, api)
  return place === undefined ? { gone: true } : { place }
}
