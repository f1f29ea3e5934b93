import type { Connection } from '../model/connection.ts'
import { kinds } from '../model/kind.ts'
import type { ResourceRef } from '../store/resources.ts'
import { type ConnectionOf, isCallers } from './callers.ts'
import { drawGuests } from './draw-guests.ts'
import { calledBy, drawStays } from './draw-stays.ts'
import { textOf } from './facts.ts'
import { letGoOfFormerPlaces } from './former-places.ts'
import { isUnderItsKey } from './hand-over.ts'
import type { LaneView } from './lane-view.ts'
import { guestContext, renderPlace } from './render.ts'
import { type Called, Resolution } from './resolution.ts'
import { idOf, isAlive, mergedIntoOf, type Resource, type Touched } from './resource.ts'

/** Stays that are drawn in one commit because of what they name: larger ones would meet sync's commits too often. */
const MOST_DEPENDENTS = 200

/**
 * Brings what Seam shall hold in line with what is known, for everything that was touched and all that depends on it:
 * a place's zone or hours move its stays, a guest's e-mail decides who the guest is, and a guest is at Seam exactly
 * while a stay at Seam names them.
 * @param now a stay that has ended by then counts as never arriving
 * @param force resources whose dependents are drawn too, although nothing about them changed in this view
 * @param mostDependents stays that are drawn because of what they name; the others are left to another commit
 */
export async function draw(
  view: LaneView,
  connectionOf: ConnectionOf,
  now: number,
  force: Resource[] = [],
  mostDependents = MOST_DEPENDENTS
): Promise<void> {
  const resolution = new Resolution(view, connectionOf, force.length > 0)
  for (const row of force) view.touch(row)
  await resolution.takeOver(touchedAsCalled(view, connectionOf))
  const forced = new Set(force)
  const reachesStays = (row: Touched) => forced.has(row) || contextMoved(row, connectionOf)
  const stays = await staysToDraw(view, reachesStays, mostDependents)
  await drawStays({ view, connectionOf, resolution, now }, stays)
  drawPlaces(view, connectionOf)
  await letGoOfFormerPlaces(view, connectionOf)
  await drawGuests(view, connectionOf)
  countRevisions(view)
}

/** Touched places and guests, and those that touched stays name. */
function touchedAsCalled(view: LaneView, connectionOf: ConnectionOf): Called[] {
  const called: Called[] = []
  for (const role of ['place', 'guest'] as const) {
    for (const row of view.touched(role)) {
      const connection = connectionOf(row)
      if (connection !== undefined && !isCallers(connection))
        called.push({ role, connection, id: row.sourceId })
    }
  }
  return [...called, ...view.touched('stay').flatMap(stay => calledBy(connectionOf, stay))]
}

/** Touched stays, and those that name a touched place or guest whose change can reach them. */
async function staysToDraw(
  view: LaneView,
  reachesStays: (row: Touched) => boolean,
  mostDependents: number
): Promise<Resource[]> {
  const stays = new Set<Resource>(view.touched('stay'))
  const drawnAlready = new Set([...stays].map(idOf))
  const dependents = new Map<string, ResourceRef>()
  for (const role of ['place', 'guest'] as const) {
    const moved = view.touched(role).filter(reachesStays)
    const keys = moved.map(row => row.key)
    for (const stay of await view.naming(role, keys))
      if (!drawnAlready.has(idOf(stay))) dependents.set(idOf(stay), stay)
  }
  const refs = [...dependents.values()]
  const later = refs.splice(mostDependents)
  if (later.length > 0) view.postpone(later)
  for (const stay of await view.rows(refs)) stays.add(stay)
  return [...stays].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function contextMoved(row: Touched, connectionOf: ConnectionOf): boolean {
  // What was not known before, a caller's stay may have named.
  if (row.before.whole === undefined) return true
  const before: Resource = JSON.parse(row.before.whole)
  if (kinds[row.kind].role === 'place') return contextOfPlace(before) !== contextOfPlace(row)
  const connection = connectionOf(row)
  return connection !== undefined && contextOfGuest(connection, before) !== contextOfGuest(connection, row)
}

/** What reaches the stays in a place, whatever the settings of the connections that share it make of it. */
function contextOfPlace(row: Resource): string {
  const zoneAndHours = ['timeZone', 'checkInTime', 'checkOutTime'].map(name => textOf(row.facts, name))
  return JSON.stringify([isAlive(row), mergedIntoOf(row), ...zoneAndHours])
}

function contextOfGuest(connection: Connection, row: Resource): string {
  return JSON.stringify({ ...guestContext(connection, row.facts), name: textOf(row.facts, 'name') })
}

function drawPlaces(view: LaneView, connectionOf: ConnectionOf): void {
  for (const row of view.touched('place')) {
    const connection = connectionOf(row)
    if (connection === undefined) continue
    const shown = isAlive(row) && mergedIntoOf(row) === undefined
    // Under another key or in another list since the settings changed: at Seam it stays there for as long as stays name it.
    if (shown && !isUnderItsKey(connectionOf, row)) continue
    row.fields = shown ? renderPlace(connection, row.key, row.sourceId, row.facts) : null
  }
}

/** A resource gets the lane's next revision exactly when what Seam shall hold has changed. */
function countRevisions(view: LaneView): void {
  for (const row of view.touched()) {
    if (view.isInsistedOn(row) || row.before.fields !== JSON.stringify(row.fields))
      row.revision = view.nextRevision
  }
}
