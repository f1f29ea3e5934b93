import { DEFAULT_WORKSPACE } from '../config.ts'
import type { Path, Problem } from './file.ts'
import { type Entry, isMembers } from './shape.ts'

/** A place to which the file gives its key at Seam. */
interface KeyedPlace {
  path: Path
  key: string
  placeId: string
  connectionId: string
  customerKey: string
  workspace: string
}

/**
 * Keys that several places of a workspace are given. Under two customers that is refused, whatever lists the places are
 * in: deletions at Seam know no customer, and its names for places very probably share their keys. Under one customer
 * they are one place, which may be meant.
 */
export function sharedKeys(connections: Entry[]): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const places = connections.flatMap(connection => [...keyedPlaces(connection)])
  for (const [, sharing] of Map.groupBy(places, each => JSON.stringify([each.workspace, each.key]))) {
    for (const [index, { path, customerKey }] of sharing.entries()) {
      const above = sharing.slice(0, index)
      const stranger = above.find(each => each.customerKey !== customerKey)
      if (stranger !== undefined) {
        problems.push({
          path,
          message: `is the key of ${named(stranger)}, which is another customer’s; choose another, since a deletion at Seam knows no customer`
        })
      } else if (above[0] !== undefined) {
        warnings.push({
          path,
          message: `is the key of ${named(above[0])} too, so they are one place: once the platform removes either, stays in both end until something newer is told of them; choose another unless that is meant`
        })
      }
    }
  }
  return { problems, warnings }
}

function* keyedPlaces({ path, members }: Entry): Generator<KeyedPlace> {
  const { id, customer_key: customerKey, workspace = DEFAULT_WORKSPACE, places } = members
  // What is missing or no text is told of by itself.
  if (typeof customerKey !== 'string' || !isMembers(places)) return
  for (const [placeId, place] of Object.entries(places)) {
    if (!isMembers(place) || typeof place.key !== 'string') continue
    yield {
      path: [...path, 'places', placeId, 'key'],
      key: place.key,
      placeId,
      connectionId: `${id}`,
      customerKey,
      workspace: `${workspace}`
    }
  }
}

function named({ connectionId, placeId }: KeyedPlace): string {
  return `place ${placeId} of connection ${connectionId}`
}
