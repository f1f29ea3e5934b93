import { DEFAULT_WORKSPACE } from '../config.ts'
import { isMembers } from '../model/members.ts'
import type { Path, Problem } from './file.ts'
import type { Entry } from './shape.ts'

/** Whose places are in which workspace. */
interface Owner {
  connectionId: string
  customerKey: string
  workspace: string
}

/** A place to which the file gives its key at Seam. */
interface KeyedPlace extends Owner {
  path: Path
  key: string
  placeId: string
}

interface Findings {
  problems: Problem[]
  warnings: Problem[]
}

/**
 * Keys that several places of a workspace have, because they are given them or because of their ids. Under two customers
 * that is refused, whatever lists the places are in: deletions at Seam know no customer, and its names for places very
 * probably share their keys. Under one customer they are one place, which may be meant.
 */
export function sharedKeys(connections: Entry[]): Findings {
  const places = connections.flatMap(connection => [...keyedPlaces(connection)])
  const given = givenTwice(places)
  const own = keysOfIds(places, connections.flatMap(ownerOf))
  return {
    problems: [...given.problems, ...own.problems],
    warnings: [...given.warnings, ...own.warnings]
  }
}

function givenTwice(places: KeyedPlace[]): Findings {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  for (const [, sharing] of Map.groupBy(places, each => JSON.stringify([each.workspace, each.key]))) {
    for (const [index, { path, customerKey }] of sharing.entries()) {
      const above = sharing.slice(0, index)
      const stranger = above.find(each => each.customerKey !== customerKey)
      if (stranger !== undefined) problems.push({ path, message: refused(named(stranger)) })
      else if (above[0] !== undefined) warnings.push({ path, message: shared(named(above[0])) })
    }
  }
  return { problems, warnings }
}

/** Given keys that are those of the places of a connection to which none is given: `<connection>:<id>`. */
function keysOfIds(places: KeyedPlace[], owners: Owner[]): Findings {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const renamed = new Set(places.map(naturalKey))
  for (const place of places) {
    const { path, key, workspace, customerKey } = place
    const owner = owners.find(each => each.workspace === workspace && key.startsWith(`${each.connectionId}:`))
    if (owner === undefined) continue
    const id = key.slice(owner.connectionId.length + 1)
    const other = named({ ...owner, placeId: id })
    if (owner.customerKey !== customerKey) problems.push({ path, message: refused(other) })
    else if (!renamed.has(naturalKey({ ...owner, placeId: id })))
      warnings.push({ path, message: shared(other) })
  }
  return { problems, warnings }
}

function refused(other: string): string {
  return `is the key of ${other}, which is another customer’s; choose another, since a deletion at Seam knows no customer`
}

function shared(other: string): string {
  return `is the key of ${other} too, so they are one place: once the platform removes either, stays in both end until something newer is said about them; choose another unless that is intended`
}

function naturalKey({ workspace, connectionId, placeId }: Owner & { placeId: string }): string {
  return JSON.stringify([workspace, connectionId, placeId])
}

function ownerOf({ members }: Entry): Owner[] {
  const { id, customer_key: customerKey, workspace = DEFAULT_WORKSPACE } = members
  // What is missing or no text is told of by itself.
  if (typeof id !== 'string' || typeof customerKey !== 'string') return []
  return [{ connectionId: id, customerKey, workspace: `${workspace}` }]
}

function* keyedPlaces(connection: Entry): Generator<KeyedPlace> {
  const { path, members } = connection
  const [owner] = ownerOf(connection)
  if (owner === undefined || !isMembers(members.places)) return
  for (const [placeId, place] of Object.entries(members.places)) {
    if (!isMembers(place) || typeof place.key !== 'string') continue
    yield { ...owner, path: [...path, 'places', placeId, 'key'], key: place.key, placeId }
  }
}

function named({ connectionId, placeId }: { connectionId: string; placeId: string }): string {
  return `place ${placeId} of connection ${connectionId}`
}
