import type { Connection } from '../model/connection.ts'
import { type Kind, placeFields } from '../model/kind.ts'
import type { ConnectionOf } from './callers.ts'
import { guestToldIn, keysToldIn } from './entry-facts.ts'
import { textOf } from './facts.ts'
import type { LaneView } from './lane-view.ts'
import { type GuestPart, guestContext, NAMELESS_GUEST, type PlacePart, placeContext } from './render.ts'
import { isAlive, type Name, type Resource } from './resource.ts'

export interface ToldByCallers {
  /** Members whose list of keys a caller told. */
  fields: string[]
  places: PlacePart[]
  /** Without a row where the relay has never held this person. */
  guest: { row: Resource | undefined; part: GuestPart } | undefined
}

/** What callers named of a stay, by whole keys. @param names gets everything that the stay depends on */
export async function toldByCallers(
  view: LaneView,
  connectionOf: ConnectionOf,
  stay: Resource,
  names: Name[]
): Promise<ToldByCallers> {
  const lists = keysToldIn(stay.facts)
  const refsOf = (field: string, key: string) => kindsIn(field).map(kind => ({ kind, key }))
  await view.load([...lists].flatMap(([field, keys]) => keys.flatMap(key => refsOf(field, key))))
  const named: { field: string; key: string; row: Resource | undefined }[] = []
  for (const [field, keys] of lists)
    for (const key of keys) named.push({ field, key, row: (await view.rows(refsOf(field, key)))[0] })
  const foreign = await view.keys.elsewhere(named.flatMap(({ key, row }) => (row === undefined ? key : [])))
  const places = named.map(({ field, key, row }) => {
    names.push({ role: 'place', key })
    const connection = row && connectionOf(row)
    const context = row && connection && placeContext(connection, row.sourceId, row.facts, isAlive(row))
    return { key, field, context: context ?? unknownPlace, isForeign: foreign.has(key) }
  })
  return {
    fields: [...lists.keys()],
    places,
    guest: await guestToldByCallers(view, connectionOf, stay, names)
  }
}

/** @param field of a stay: what names no places is no list of keys there */
function kindsIn(field: string): Kind[] {
  return placeFields.get(field) as Kind[]
}

async function guestToldByCallers(
  view: LaneView,
  connectionOf: ConnectionOf,
  stay: Resource,
  names: Name[]
): Promise<ToldByCallers['guest']> {
  const ref = guestToldIn(stay.facts)
  if (ref === undefined) return undefined
  names.push({ role: 'guest', key: ref.key })
  const row = await view.get(ref)
  const connection = row && connectionOf(row)
  if (row === undefined || connection === undefined)
    return { row: undefined, part: { ...ref, ...unknownGuest } }
  return { row, part: partOf(row, connection) }
}

/** Of what the relay has never held: it may be at Seam from before. */
const unknownPlace: PlacePart['context'] = {
  alive: true,
  timeZone: undefined,
  checkInTime: undefined,
  checkOutTime: undefined
}
const unknownGuest: Pick<GuestPart, 'name' | 'context'> = {
  name: undefined,
  context: { email: undefined, phone: undefined, mergedInto: undefined }
}

/** A guest as a stay that names them needs them. */
export function partOf(guest: Resource, connection: Connection): GuestPart {
  return {
    kind: guest.kind,
    key: guest.key,
    // Where one was told and none is any more, Seam would keep the former in the name of the stay.
    name: textOf(guest.facts, 'name') ?? (guest.facts.name?.value === null ? NAMELESS_GUEST : undefined),
    context: guestContext(connection, guest.facts)
  }
}
