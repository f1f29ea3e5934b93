import { createHash } from 'node:crypto'
import { CALLERS } from '../model/call.ts'
import type { Stay, StayGuest } from '../model/change.ts'
import type { Connection, PlaceSettings } from '../model/connection.ts'
import { sameEmail, usableEmail } from '../model/contact.ts'
import { kindOfList } from '../model/kind.ts'
import type { Lane, ResourceRef } from '../store/resources.ts'

/**
 * Keys at Seam carry the connection, once: deletions know no customer, so keys must be unique in the workspace. Callers
 * choose whole keys themselves.
 */
export function prefixed(connection: Pick<Connection, 'id'>, id: string): string {
  return connection.id === CALLERS ? id : `${connection.id}:${id}`
}

export function placeKey(connection: Connection, id: string): string {
  return placeSettings(connection, id)?.key ?? prefixed(connection, id)
}

/** What the operator says of a place. Ids come from outside, and may be names that every object has. */
export function placeSettings(connection: Connection, id: string): PlaceSettings | undefined {
  return Object.hasOwn(connection.places, id) ? connection.places[id] : undefined
}

/** Whose queue all goes into that a connection says. */
export function laneOf({ workspaceId, customerKey }: Connection): Lane {
  return { workspaceId, customerKey }
}

/** The platform's stable id, else a hash of the e-mail, else one for each stay. */
export function guestIdOf(guest: StayGuest, stay: Stay): string {
  if (guest.id) return guest.id
  const email = usableEmail(guest.email)
  if (email === undefined) return `guest-of-${stay.id}`
  return `email-${createHash('sha256').update(sameEmail(email)).digest('hex').slice(0, 24)}`
}

/** Under the key, and in the list, that the settings name today. */
export function stayRef(connection: Connection, id: string): ResourceRef {
  return { kind: kindOfList(connection.lists.stay), key: prefixed(connection, id) }
}

export function placeRef(connection: Connection, id: string): ResourceRef {
  return { kind: kindOfList(connection.lists.place), key: placeKey(connection, id) }
}

export function guestRef(connection: Connection, id: string): ResourceRef {
  return { kind: kindOfList(connection.lists.guest), key: prefixed(connection, id) }
}
