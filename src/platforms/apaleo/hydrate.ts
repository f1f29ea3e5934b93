import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { goneOnceAsked, type PlatformApi } from '../api.ts'
import { askAgainWhileBehind, type Compared } from '../behind.ts'
import { firstText, instantMs } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { needStatus, only, readEntity } from '../read-entity.ts'
import { entriesOf, type Members, membersOf } from '../told.ts'
import { reservation } from './ask.ts'
import {
  EntityEvent,
  endings,
  isServed,
  isTellingEnd,
  leavings,
  reservationTypes,
  timestampOf
} from './events.ts'
import { readPlace } from './places.ts'
import { standingOf } from './status.ts'

/** As stored beside a delivery. */
export type ReservationFacts = { gone: true } | { reservation: Members }
export type UnitFacts = { gone: true } | { place: PlaceFields }

const reservationMembers = ['id', 'status', 'arrival', 'departure', 'modified', 'checkInTime', 'checkOutTime']
const guestMembers = ['firstName', 'lastName', 'email', 'phone']
const unitMembers = ['id', 'name']

const unitTypes = ['unit/created', 'unit/changed']

/**
 * Deletions are told by the id alone; what was deleted could not be read. The end of a reservation is read where that
 * is possible, so that no outage delays the end of a door code.
 */
export const hydration: Hydration = {
  wants({ type, payload }, connection) {
    const event = membersOf(payload)
    const isRead = reservationTypes.includes(type) || unitTypes.includes(type)
    if (!isRead || !isServed(event, connection)) return 'no'
    return isTellingEnd(type, event) ? 'may' : 'must'
  },
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

/** Null for an event that names nothing, which its schema refuses later. */
async function readFacts({ type, payload }: PlatformEvent, api: PlatformApi) {
  if (!Value.Check(EntityEvent, payload)) return null
  const id = String(payload.data.entityId)
  if (unitTypes.includes(type)) return readUnit(id, api)
  const entity = await readReservation(id, api)
  if (entity !== undefined) {
    askAgainWhileBehind(api, 'apaleo', comparedTo(type, payload, entity))
    return factsOf(entity)
  }
  if (endings.includes(type)) return { gone: true }
  return goneOnceAsked(api, 'apaleo does not know a reservation that is on')
}

async function readReservation(id: string, api: PlatformApi): Promise<Members | undefined> {
  const entity = await readEntity(api, 'apaleo', reservation(id), id)
  if (entity !== undefined) needStatus('apaleo', 'reservation', firstText(entity.status))
  return entity
}

/** An event tells its type and its time. */
function comparedTo(type: string, event: EntityEvent, { status, modified }: Members): Compared {
  const isOn = standingOf(`${status}`) === 'pushed'
  return {
    standing: [leavings.includes(type) ? 'cancelled' : undefined, isOn ? 'pushed' : 'cancelled'],
    others: [],
    toldAt: timestampOf(event),
    changedAt: instantMs(modified)
  }
}

function factsOf(entity: Members): ReservationFacts {
  return {
    reservation: {
      ...only(reservationMembers, entity),
      property: only(['id'], membersOf(entity.property)),
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
  return place === undefined ? goneOnceAsked(api, 'apaleo does not know a unit that it named') : { place }
}
