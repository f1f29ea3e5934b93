import type { Change, Stay, StayGuest, StaysChange } from '../model/change.ts'
import type { Connection } from '../model/connection.ts'
import type { NamedRole, Role } from '../model/kind.ts'
import { isSameStatement, justBefore, later, type Stamp, stampOf } from '../model/stamp.ts'
import type { ResourceRef } from '../store/resources.ts'
import { type Effect, effectOf, effectOfVoid } from './effect.ts'
import { erasedUpTo } from './entry-facts.ts'
import { forget, forgetRemoved, METADATA_NAME, newest, tell, tellWhole } from './facts.ts'
import { guestIdOf, guestRef, placeRef, prefixed, stayRef } from './keys.ts'
import type { Booking, LaneView } from './lane-view.ts'
import { isAlive, type Made, type Resource } from './resource.ts'
import { orderOf, type Said } from './said.ts'

/** Takes one change of a platform into the view. Nothing here depends on the order in which changes arrive; stamps decide. */
export async function mergeChange(view: LaneView, said: Said): Promise<Effect[]> {
  const { change } = said
  if (change.change === 'stays') return mergeStays(view, said, change)
  const stamp = stampOf(change.version, orderOf(said), change.change === 'remove')
  if (view.isVoid(stamp)) return mergeVoid(view, said, change, stamp)
  const row = await obtain(view, said.connection, change.kind, change.id)
  view.touch(row)
  takeBackRemoval(row, stamp)
  takeBackLater(row, stamp)
  // Whom a stay has named since may still be told something that is news.
  const latest = change.change === 'remove' ? row.upsertStamp : newest(row.facts)
  const stale = stamp < later(latest, row.removedStamp)
  if (change.change === 'remove') removeRow(row, stamp, change.kind)
  else {
    if (change.change === 'merge') {
      const into = await obtain(view, said.connection, change.kind, change.into)
      view.touch(into)
      tell(row.facts, { mergedInto: change.into }, stamp, mergeFloorOf(view, row, change.kind))
      // Whoever somebody is merged into lives on, whatever became of them before: so merges never go in a circle.
      tell(into.facts, { mergedInto: null }, stamp, mergeFloorOf(view, into, change.kind))
      into.upsertStamp = later(into.upsertStamp, stamp)
    } else {
      const take = change.whole ? tellWhole : tell
      take(row.facts, change.fields, stamp, floorOf(view, row, change.kind))
    }
    const isThere = change.change !== 'upsert' || change.kind !== 'place' || change.factsOnly !== true
    if (isThere) row.upsertStamp = later(row.upsertStamp, stamp)
  }
  return [effectOf(said, row, change.version, stale)]
}

/** What was said before the customer was taken off only takes back what the same statement said as of a later moment. */
async function mergeVoid(
  view: LaneView,
  said: Said,
  { kind, id, version }: Exclude<Change, StaysChange>,
  stamp: Stamp
): Promise<Effect[]> {
  const ref = refOf(said.connection, kind, id)
  const row = await view.get(ref)
  if (row !== undefined) {
    view.touch(row)
    takeBackRemoval(row, stamp)
    takeBackLater(row, stamp)
    row.removedStamp = later(row.removedStamp, view.offboardStamp)
  }
  return [effectOfVoid(said, ref, row, version)]
}

async function mergeStays(view: LaneView, said: Said, change: StaysChange): Promise<Effect[]> {
  const { connection } = said
  const stamp = stampOf(change.version, orderOf(said), change.cancelled ?? false)
  const booking = view.booking(prefixed(connection, change.bookingId), connection.id)
  // Said again, under other settings or by a mended translator: it takes its own place.
  const again = isSameStatement(booking.stamp, stamp)
  const stale = !again && stamp < booking.stamp
  const seenBefore = again ? justBefore(stamp) : booking.stamp
  const effects: Effect[] = []
  const named = new Set<Resource>()
  const stayed = view.staysOf(booking.key).filter(isAlive)

  for (const stay of change.stays) {
    await mergeParts(view, said, stay, change.version)
    if (view.isVoid(stamp)) continue
    const ref = stayRef(connection, stay.id)
    const elsewhere = stayed.find(row => row.key === ref.key && row.kind !== ref.kind)
    // What is old news moves no stay to another list.
    const known = stale && elsewhere !== undefined ? elsewhere : await view.get(ref)
    const made = { connectionId: connection.id, sourceId: stay.id, booking: booking.key }
    const row = known ?? (await view.obtain(ref, made))
    view.touch(row)
    // None of the sets seen so far had this stay: as of the latest of them it did not exist.
    if (known === undefined) row.removedStamp = later(row.removedStamp, seenBefore)
    if (row !== elsewhere && elsewhere !== undefined) moveTo(row, elsewhere)
    takeBackRemoval(row, stamp)
    takeBackLater(row, stamp)
    const isOwn = claimFor(booking, row, made, { stamp, seenBefore })
    if (isOwn) {
      named.add(row)
      tell(row.facts, stayFacts(stay), stamp, row.removedStamp)
      row.upsertStamp = later(row.upsertStamp, stamp)
    }
    effects.push({ ...effectOf(said, row, change.version, stale || !isOwn), booking: booking.key })
  }

  // Under the key of the booking, what only callers told of is the booking's as well: a booking's only stay mostly has it.
  const ref = stayRef(connection, change.bookingId)
  const toldByCallers = (await view.rows([ref])).filter(row => row.booking === null)
  for (const row of [...view.staysOf(booking.key), ...toldByCallers]) {
    if (named.has(row)) continue
    const wasAlive = isAlive(row)
    if (!takeBackLater(row, stamp) && row.removedStamp >= stamp) continue
    view.touch(row)
    removeRow(row, later(stamp, view.offboardStamp), 'stay')
    if (!wasAlive) continue
    const effect = effectOf(said, row, change.version, stale, change.emptyBecause)
    effects.push({ ...effect, booking: booking.key })
  }

  if (!stale) {
    booking.stamp = stamp
    booking.emptyBecause = change.stays.length === 0 ? (change.emptyBecause ?? 'no stays') : null
    booking.touched = true
  }
  if (effects.length === 0) {
    const note = change.emptyBecause ?? null
    effects.push({ said, ref, booking: booking.key, version: change.version, row: undefined, stale, note })
  }
  return effects
}

/** The places and the guest that a stay names exist from now on, whatever becomes of the stay. */
async function mergeParts(view: LaneView, said: Said, stay: Stay, version: number): Promise<void> {
  const { connection } = said
  const { places = [], guest = {} } = stay
  const stamp = stampOf(version, orderOf(said))
  for (const id of view.isVoid(stamp) ? [] : places) {
    const place = await obtain(view, connection, 'place', id)
    view.touch(place)
    // A platform that puts a stay into a place has it, whatever it said of the place before.
    place.upsertStamp = later(place.upsertStamp, stamp)
  }
  if (guest === null) return
  const asOf = stampOf(guest.version ?? version, orderOf(said))
  // Needed as of what the stay says, however old the details are.
  const needed = later(asOf, stamp)
  if (view.isVoid(needed)) return
  const row = await obtain(view, connection, 'guest', guestIdOf(guest, stay))
  view.touch(row)
  tell(row.facts, guestFacts(guest, stay), asOf, floorOf(view, row, 'guest'))
  row.upsertStamp = later(row.upsertStamp, needed)
}

/**
 * A stay belongs to the booking that named it last: to any other one it is as if it had been taken away then. So what
 * another booking says without it does not end it. Only formats in which the sender chooses the ids of stays can say so.
 * @param seenBefore the latest set of this booking so far
 * @returns false where another booking has named it since
 */
function claimFor(
  booking: Booking,
  row: Resource,
  made: Made,
  { stamp, seenBefore }: { stamp: Stamp; seenBefore: Stamp }
): boolean {
  if (row.booking === booking.key) return true
  if (row.booking === null) {
    // Only callers spoke of it so far.
    Object.assign(row, made)
    row.removedStamp = later(row.removedStamp, seenBefore)
    forget(row.facts, row.removedStamp)
    return true
  }
  if (stamp < row.upsertStamp) {
    removeRow(row, stamp, 'stay')
    return false
  }
  // A set of this booking that is later than the other one's naming did not name it: else it were this booking's already.
  row.removedStamp = later(row.upsertStamp, seenBefore)
  forget(row.facts, row.removedStamp)
  row.booking = booking.key
  return true
}

/** The settings name another list since the stay was told last: what is known of it goes along. */
function moveTo(row: Resource, before: Resource): void {
  const { facts, upsertStamp, removedStamp } = before
  Object.assign(row, { facts: structuredClone(facts), upsertStamp, removedStamp })
}

/** What this very statement took away when it was said before. */
export function takeBackRemoval(row: Resource, stamp: Stamp): void {
  if (isSameStatement(row.removedStamp, stamp)) row.removedStamp = justBefore(stamp)
}

/**
 * What this very statement said before as of a later moment, when it could not be read for instance: it counts as of the
 * moment that it tells now. @returns whether there was any
 */
function takeBackLater(row: Resource, stamp: Stamp): boolean {
  const isLater = (said: Stamp) => said > stamp && isSameStatement(said, stamp)
  const facts = Object.values(row.facts).filter(fact => isLater(fact.stamp))
  for (const fact of facts) fact.stamp = justBefore(stamp)
  const [upserted, removed] = [isLater(row.upsertStamp), isLater(row.removedStamp)]
  if (upserted) row.upsertStamp = justBefore(stamp)
  if (removed) row.removedStamp = justBefore(stamp)
  return upserted || removed || facts.length > 0
}

export function removeRow(row: Resource, stamp: Stamp, role: Role): void {
  row.removedStamp = later(row.removedStamp, stamp)
  if (role !== 'guest') forgetRemoved(row.facts, row.removedStamp)
}

/**
 * What was said up to then is void. A guest's removal takes nothing away while a stay needs the guest, so it is no floor
 * for what is known of them, unless callers told them anew.
 */
export function floorOf(view: LaneView, { facts, removedStamp }: Resource, role: Role): Stamp {
  return role === 'guest' ? later(view.offboardStamp, erasedUpTo(facts)) : removedStamp
}

/** The removal of a place voids no merge: stays go on in the place that it stands for. */
function mergeFloorOf(view: LaneView, row: Resource, role: NamedRole): Stamp {
  return role === 'place' ? view.offboardStamp : floorOf(view, row, role)
}

async function obtain(
  view: LaneView,
  connection: Connection,
  role: NamedRole,
  id: string
): Promise<Resource> {
  const made = { connectionId: connection.id, sourceId: id, booking: null }
  return view.obtain(refOf(connection, role, id), made)
}

function refOf(connection: Connection, role: NamedRole, id: string): ResourceRef {
  return role === 'place' ? placeRef(connection, id) : guestRef(connection, id)
}

function stayFacts(stay: Stay): object {
  const { name, places, start, end, preferredCode, metadata } = stay
  const guest = guestTold(stay)
  return {
    name,
    places,
    guest: guest && guestIdOf(guest, stay),
    // Whom it names as long as no guest is told.
    fallbackGuest: guest === undefined ? guestIdOf({}, stay) : undefined,
    start,
    end,
    preferredCode,
    metadata,
    ...Object.fromEntries(Object.keys(metadata ?? {}).map(name => [METADATA_NAME + name, true]))
  }
}

/** Undefined where nothing is told of who it is: also by an event that has the members of a guest, and leaves out each that tells. */
function guestTold({ guest }: Stay): StayGuest | null | undefined {
  if (!guest) return guest
  const { id, name, email, phone, unidentified } = guest
  return unidentified || [id, name, email, phone].every(each => each === undefined) ? undefined : guest
}

function guestFacts(guest: StayGuest, stay: Stay): object {
  const { name, email, phone } = guest
  return { name, email, phone, fallbackName: stay.name }
}
