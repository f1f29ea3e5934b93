import type { Connection } from '../model/connection.ts'
import { kindOfList } from '../model/kind.ts'
import { type ConnectionOf, isCallers } from './callers.ts'
import { textOf, textsOf } from './facts.ts'
import type { LaneView } from './lane-view.ts'
import { placeContext, placeField, renderStay, type StayParts } from './render.ts'
import type { Called, Followed, Resolution } from './resolution.ts'
import { isAlive, type Name, type Resource } from './resource.ts'
import { holderOf, loadHolders } from './same-guest.ts'
import type { SeamFields } from './seam-fields.ts'
import { partOf, toldByCallers } from './told-by-callers.ts'

export interface StayDrawing {
  view: LaneView
  connectionOf: ConnectionOf
  resolution: Resolution
  /** A stay that has ended by then counts as never arriving. */
  now: number
}

export async function drawStays(drawing: StayDrawing, rows: Resource[]): Promise<void> {
  const { view, connectionOf, resolution } = drawing
  const called = rows.flatMap(row => calledBy(connectionOf, row))
  await resolution.takeOver(called)
  await loadHolders(view, called)
  for (const row of rows) {
    const connection = connectionOf(row)
    if (connection === undefined) continue
    view.touch(row)
    await view.breathe()
    await drawStay(drawing, connection, row)
  }
}

/** The places and the guest of a stay, as its connection calls them. */
export function calledBy(connectionOf: ConnectionOf, stay: Resource): Called[] {
  const connection = connectionOf(stay)
  if (connection === undefined || isCallers(connection) || !isAlive(stay)) return []
  const isDrawn = stay.kind === kindOfList(connection.lists.stay)
  const sharedOf = (id: string) => stay.names.find(({ shared }) => isDrawn && shared?.as === id)
  const guest = textOf(stay.facts, stay.facts.guest === undefined ? 'fallbackGuest' : 'guest')
  return [
    ...textsOf(stay.facts, 'places').map(id => {
      const name = sharedOf(id)
      const called = { role: 'place' as const, connection, id }
      return name?.shared ? { ...called, shared: { key: name.key, owner: name.shared.owner } } : called
    }),
    ...(guest === undefined ? [] : [{ role: 'guest' as const, connection, id: guest }])
  ]
}

async function drawStay(drawing: StayDrawing, connection: Connection, row: Resource): Promise<void> {
  const { view, connectionOf, now } = drawing
  if (!isAlive(row)) {
    if (hasEnded(row.fields, now)) row.startsAt = null
    Object.assign(row, { fields: null, held: null, warnings: [], names: [] })
    return
  }
  // Pushed to another list before the settings changed: it stays at Seam as it is, so that nobody loses a code over an
  // edit, until its booking is told again. Then it goes, and its successor comes.
  if (row.kind !== kindOfList(connection.lists.stay)) return
  const names: Name[] = []
  const { places, guest } = await followed(drawing, row, names)
  const byCallers = await toldByCallers(view, connectionOf, row, names)
  const field = placeField(connection)
  const own = byCallers.fields.includes(field) ? [] : places
  const parts: StayParts = {
    places: [
      // By the id that this connection calls it: the settings of another that shares the key are no business of the stay.
      ...own.map(({ id, row: place }) => ({
        key: place.key,
        field,
        context: placeContext(connection, id, place.facts, isAlive(place))
      })),
      ...byCallers.places
    ],
    emptied: byCallers.fields,
    guest: byCallers.guest?.part ?? (guest && partOf(guest, connection)),
    partial: isCallers(connection)
  }
  const named = byCallers.guest === undefined ? guest : byCallers.guest.row
  let rendered = renderStay(connection, row.key, row.facts, parts)
  if ('fields' in rendered && named !== undefined && parts.guest !== undefined) {
    const holder = await holderOf(view, connectionOf, named, names)
    if (holder.key !== named.key) {
      const guest = { ...parts.guest, key: holder.key }
      rendered = renderStay(connection, row.key, row.facts, { ...parts, guest })
    }
  }
  row.names = distinct(names)
  row.startsAt = 'fields' in rendered && hasEnded(rendered.fields, now) ? null : rendered.startsAt
  if ('held' in rendered) Object.assign(row, { fields: null, held: rendered.held, warnings: [] })
  else Object.assign(row, { fields: rendered.fields, held: null, warnings: rendered.warnings })
}

/** What the ids that a stay names stand for. @param names gets everything that the stay depends on */
async function followed(
  { connectionOf, resolution }: StayDrawing,
  stay: Resource,
  names: Name[]
): Promise<{ places: Followed[]; guest: Resource | undefined }> {
  const places: Followed[] = []
  let guest: Resource | undefined
  for (const called of calledBy(connectionOf, stay)) {
    const found = await resolution.follow(called, names)
    if (called.role === 'guest') guest = found?.row
    else if (found !== undefined) places.push(found)
  }
  return { places, guest }
}

function hasEnded(stay: SeamFields | null, now: number): boolean {
  return Date.parse(String(stay?.ends_at)) <= now
}

function distinct(names: Name[]): Name[] {
  const seen = new Map(names.map(name => [`${name.role} ${name.key}`, name]))
  return [...seen.values()].sort((a, b) => (`${a.role} ${a.key}` < `${b.role} ${b.key}` ? -1 : 1))
}
