import { kinds } from '../model/kind.ts'
import { later, NEVER } from '../model/stamp.ts'
import type { ResourceRef } from '../store/resources.ts'
import type { ConnectionOf } from './callers.ts'
import { forgetRemoved, join } from './facts.ts'
import { placeRef, prefixed } from './keys.ts'
import type { LaneView } from './lane-view.ts'
import type { Called } from './resolution.ts'
import { idOf, type Origin, type Resource } from './resource.ts'

/** What was said of a place or guest. */
type Known = Pick<Resource, 'facts' | 'upsertStamp' | 'removedStamp'>

export function isSame(one: Origin, other: Origin): boolean {
  return one.connectionId === other.connectionId && one.sourceId === other.sourceId
}

/** Whether a place that the row belongs to has this key and list by the settings of today. */
export function isUnderItsKey(connectionOf: ConnectionOf, row: Resource): boolean {
  const connection = connectionOf(row)
  return connection !== undefined && idOf(placeRef(connection, row.sourceId)) === idOf(row)
}

/** What is known of the same under another key is known of this row too. */
export function takeIn(view: LaneView, row: Resource, known: Known): void {
  view.touch(row)
  join(row.facts, known.facts)
  row.upsertStamp = later(row.upsertStamp, known.upsertStamp)
  row.removedStamp = later(row.removedStamp, known.removedStamp)
  if (kinds[row.kind].role === 'place') forgetRemoved(row.facts, row.removedStamp)
}

/**
 * A row whose key the settings have taken from one place and given to another becomes the other's. What was told under
 * the key so far goes with the places that had it, since neither their hours nor their removal are the other's. It stays
 * as well where stays name the other place by this key already: an edit is not to end anybody's code.
 */
export async function handOver(view: LaneView, connectionOf: ConnectionOf, to: Called): Promise<void> {
  const ref = placeRef(to.connection, to.id)
  const row = await view.get(ref)
  const heir: Origin = { connectionId: to.connection.id, sourceId: to.id }
  if (row === undefined || isSame(row, heir) || isUnderItsKey(connectionOf, row)) return
  const { connectionId, sourceId, facts, upsertStamp, removedStamp } = row
  const sharers = await sharersOf(view, row)
  Object.assign(view.touch(row), heir)
  if (!sharers.some(each => isSame(each, heir))) {
    Object.assign(row, { facts: {}, upsertStamp: NEVER, removedStamp: view.floorOf(ref) })
    for (const former of await view.knownAs('place', to.connection.id, to.id))
      if (isSame(former, heir)) takeIn(view, row, former)
  }
  for (const each of [{ connectionId, sourceId }, ...sharers])
    await keepFor(view, connectionOf, each, row, { facts, upsertStamp, removedStamp })
}

/** @param left the row that the place had */
async function keepFor(
  view: LaneView,
  connectionOf: ConnectionOf,
  place: Origin,
  left: Resource,
  known: Known
): Promise<void> {
  const { kind } = left
  const { connectionId, sourceId } = place
  const connection = connectionOf({ connectionId, kind })
  // Without its connection, by the key that the relay would make: there it is found once the connection is back.
  const ref: ResourceRef =
    connection === undefined
      ? { kind, key: prefixed({ id: connectionId }, sourceId) }
      : placeRef(connection, sourceId)
  if (idOf(ref) === idOf(left)) return
  if (connection !== undefined)
    await handOver(view, connectionOf, { role: 'place', connection, id: sourceId })
  takeIn(view, await view.obtain(ref, { ...place, booking: null }), known)
}

/** The places that stays name by this key although the row is another one's. */
async function sharersOf(view: LaneView, row: Resource): Promise<Origin[]> {
  const sharers = new Map<string, Origin>()
  for await (const { connectionId, names } of view.staysNaming('place', row.key)) {
    for (const { key, shared } of names)
      if (key === row.key && shared !== undefined)
        sharers.set(JSON.stringify([connectionId, shared.as]), { connectionId, sourceId: shared.as })
  }
  return [...sharers.values()]
}
