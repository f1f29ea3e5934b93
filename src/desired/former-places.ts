import type { Connection } from '../model/connection.ts'
import type { ResourceRef } from '../store/resources.ts'
import type { ConnectionOf } from './callers.ts'
import { placeRef, prefixed } from './keys.ts'
import type { LaneView } from './lane-view.ts'
import { placesIn } from './named-at-seam.ts'
import { idOf, type Resource } from './resource.ts'

/**
 * Places that the settings have given another key or list since they were pushed, and that no stay at Seam names any
 * more, go. Not those under a key that the operator gave: such a place may have been at Seam before the relay.
 */
export async function letGoOfFormerPlaces(view: LaneView, connectionOf: ConnectionOf): Promise<void> {
  for (const row of await touchedOrLeft(view)) {
    const connection = connectionOf(row)
    if (row.fields === null || connection === undefined || !isFormer(connection, row)) continue
    if (await isNamed(view, row)) continue
    view.touch(row)
    row.fields = null
  }
}

/** Places that were touched, and those that a stay has left. */
async function touchedOrLeft(view: LaneView): Promise<Resource[]> {
  const rows = new Set<Resource>(view.touched('place'))
  const left: ResourceRef[] = []
  for (const stay of view.touched('stay')) {
    const now = new Set(placesIn(stay.fields).map(idOf))
    const before = placesIn(JSON.parse(stay.before.fields))
    left.push(...before.filter(ref => !now.has(idOf(ref))))
  }
  for (const row of await view.rows(left)) rows.add(row)
  return [...rows]
}

function isFormer(connection: Connection, row: Resource): boolean {
  const isOwn = row.key === prefixed(connection, row.sourceId)
  const isGiven = Object.values(connection.places).some(({ key }) => key === row.key)
  return isOwn && !isGiven && idOf(placeRef(connection, row.sourceId)) !== idOf(row)
}

async function isNamed(view: LaneView, row: Resource): Promise<boolean> {
  const names = (stay: Resource) => placesIn(stay.fields).some(ref => idOf(ref) === idOf(row))
  if (view.touched().some(names)) return true
  for await (const stay of view.staysNaming('place', row.key)) if (names(stay)) return true
  return false
}
