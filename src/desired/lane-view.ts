import { isDeepStrictEqual } from 'node:util'
import { CALLERS } from '../model/call.ts'
import { kinds, type NamedRole, type Role } from '../model/kind.ts'
import { searchWordsIn } from '../model/search.ts'
import { later, NEVER, type Stamp } from '../model/stamp.ts'
import type { Due, LaneState } from '../store/lanes.ts'
import type { Redraw } from '../store/redraws.ts'
import type { Lane, ResourceRef, ResourceRow } from '../store/resources.ts'
import type { Write } from '../store/write.ts'
import { forget } from './facts.ts'
import { LaneContacts } from './lane-contacts.ts'
import { LaneKeys } from './lane-keys.ts'
import { guestIn } from './named-at-seam.ts'
import type { Queries } from './queries.ts'
import {
  emptyResource,
  idOf,
  type Made,
  type Resource,
  resourceOf,
  storedOf,
  type Touched,
  wholeOf
} from './resource.ts'

export interface Booking {
  key: string
  connectionId: string
  stamp: Stamp
  emptyBecause: string | null
  touched: boolean
}

/** Stays that are read at once, of those that name one place or guest. */
const STAYS_AT_ONCE = 50

async function atOnce(): Promise<void> {}

/**
 * The part of a lane that a step looks at: read when first asked for, changed in memory, written in one commit that
 * only holds if nobody else moved the lane meanwhile.
 */
export class LaneView {
  readonly lane: Lane
  readonly contacts: LaneContacts
  readonly keys: LaneKeys
  readonly #queries: Queries
  readonly #state: LaneState | undefined
  readonly #rows = new Map<string, Resource | null>()
  readonly #bookings = new Map<string, Booking | null>()
  readonly #knownAs = new Map<string, Resource[] | undefined>()
  /** What goes to Seam although it looks as it did. */
  readonly #insisted = new Set<Resource>()
  readonly #otherWrites: Write[] = []
  /** Whether something was left to be drawn by another commit. */
  hasMoreToDraw = false

  /** Lets others have a turn, where there may be very much to be done. */
  readonly breathe: () => Promise<void>

  constructor(lane: Lane, queries: Queries, state: LaneState | undefined, breathe = atOnce) {
    this.lane = lane
    this.breathe = breathe
    this.contacts = new LaneContacts(lane, queries, state?.offboardDue ?? false)
    this.keys = new LaneKeys(lane, queries, refs => this.rows(refs))
    this.#queries = queries
    this.#state = state
  }

  static async read(lane: Lane, queries: Queries, breathe?: () => Promise<void>): Promise<LaneView> {
    return new LaneView(lane, queries, await queries.lanes.state(lane), breathe)
  }

  /** Reads what will be asked for, in few queries. */
  async prefetch(bookings: string[], refs: ResourceRef[]): Promise<void> {
    const unread = [...new Set(bookings)].filter(key => !this.#bookings.has(key))
    const [found, stays] = await Promise.all([
      this.#queries.resources.bookings(this.lane, unread),
      this.#queries.resources.ofBookings(this.lane, unread),
      this.load(refs)
    ])
    for (const key of unread) this.#bookings.set(key, null)
    for (const row of found) {
      this.#bookings.set(row.booking, {
        key: row.booking,
        connectionId: row.connection_id,
        stamp: row.stamp,
        emptyBecause: row.empty_because,
        touched: false
      })
    }
    for (const row of stays) this.#adopt(row)
  }

  async load(refs: ResourceRef[]): Promise<void> {
    const unread = refs.filter(ref => !this.#rows.has(idOf(ref)))
    for (const row of await this.#queries.resources.byRef(this.lane, unread)) this.#adopt(row)
    for (const ref of unread) if (!this.#rows.has(idOf(ref))) this.#rows.set(idOf(ref), null)
  }

  /** Those of them that there are. */
  async rows(refs: ResourceRef[]): Promise<Resource[]> {
    await this.load(refs)
    return refs.map(ref => this.#rows.get(idOf(ref))).filter(row => row != null)
  }

  async get(ref: ResourceRef): Promise<Resource | undefined> {
    await this.load([ref])
    return this.#rows.get(idOf(ref)) ?? undefined
  }

  /**
   * The resource, made empty where there is none: from then on it is there, even if nothing is ever told of it. What only
   * callers spoke of so far becomes the connection's.
   */
  async obtain(ref: ResourceRef, made: Made): Promise<Resource> {
    const known = await this.get(ref)
    if (known !== undefined) {
      if (known.connectionId === CALLERS && made.connectionId !== CALLERS)
        Object.assign(this.touch(known), made)
      return known
    }
    const row = emptyResource(ref, made, this.floorOf(ref))
    this.#rows.set(idOf(ref), row)
    return row
  }

  booking(key: string, connectionId: string): Booking {
    const known = this.#bookings.get(key)
    if (known) return known
    const made = { key, connectionId, stamp: this.offboardStamp, emptyBecause: null, touched: false }
    this.#bookings.set(key, made)
    return made
  }

  /** A booking that was prefetched, where a platform has spoken of it. */
  knownBooking(key: string): Booking | undefined {
    return this.#bookings.get(key) ?? undefined
  }

  /** Of a booking that was prefetched. */
  staysOf(booking: string): Resource[] {
    return [...this.#rows.values()].filter((row): row is Resource => row?.booking === booking)
  }

  /** What was said of something up to then is void although nothing is known of it: its customer or its key was deleted. */
  floorOf(ref: ResourceRef): Stamp {
    return later(this.offboardStamp, this.keys.deletionOf(ref))
  }

  /** When the customer was taken off last: what was said before is void. */
  get offboardStamp(): Stamp {
    return this.#state?.offboardStamp ?? NEVER
  }

  /** Whether it was said before the customer was taken off: nothing comes to be by it, and nothing becomes its sender's. */
  isVoid(stamp: Stamp): boolean {
    return stamp <= this.offboardStamp
  }

  /** A place that is new to this customer: stays of others that name its key already reach no further. */
  announce(place: ResourceRef): void {
    this.#otherWrites.push(this.#queries.resources.redrawNamingElsewhere(this.lane, place.key))
    this.hasMoreToDraw = true
  }

  /** Goes to Seam whether it looks different or not: Seam may hold what the relay never has. */
  insist(row: Resource): void {
    this.#insisted.add(row)
    this.#otherWrites.push(this.#queries.resources.mayBeAtSeam(this.lane, row))
  }

  isInsistedOn(row: Resource): boolean {
    return this.#insisted.has(row)
  }

  /** Announces that a resource is about to change. */
  touch(row: Resource): Touched {
    const before = row.before ?? {
      whole: wholeOf(row),
      fields: JSON.stringify(row.fields),
      names: JSON.stringify(row.names)
    }
    return Object.assign(row, { before })
  }

  /** @param role of whatever role unless told */
  touched(role?: Role): Touched[] {
    const touched = [...this.#rows.values()].filter((row): row is Touched => row?.before !== undefined)
    return role === undefined ? touched : touched.filter(row => kinds[row.kind].role === role)
  }

  /** The stays that name any of these. */
  async naming(role: NamedRole, keys: string[]): Promise<ResourceRef[]> {
    return this.#queries.resources.naming(this.lane, role, keys)
  }

  /** The same stays one by one, read in parts: there may be very many, and one of the first ones often is enough. */
  async *staysNaming(role: NamedRole, key: string): AsyncGenerator<Resource> {
    const refs = await this.naming(role, [key])
    for (let start = 0; start < refs.length; start += STAYS_AT_ONCE)
      yield* await this.rows(refs.slice(start, start + STAYS_AT_ONCE))
  }

  /** Reads under which keys and kinds these are known. */
  async loadKnownAs(role: NamedRole, connectionId: string, sourceIds: string[]): Promise<void> {
    const unread = sourceIds.filter(id => !this.#knownAs.has(JSON.stringify([role, connectionId, id])))
    const found = await this.#queries.resources.bySource(this.lane, connectionId, role, unread)
    const rows = Map.groupBy(
      found.map(row => this.#adopt(row)),
      row => row.sourceId
    )
    for (const id of unread) this.#knownAs.set(JSON.stringify([role, connectionId, id]), rows.get(id))
  }

  /** Every row that the store has of a place or guest, whatever its key and kind were at the time. */
  async knownAs(role: NamedRole, connectionId: string, sourceId: string): Promise<Resource[]> {
    await this.loadKnownAs(role, connectionId, [sourceId])
    return this.#knownAs.get(JSON.stringify([role, connectionId, sourceId])) ?? []
  }

  /** How many stays use each of these guests at Seam, as stored. */
  async using(guestKeys: string[]): Promise<Map<string, number>> {
    const stored = await this.#queries.resources.using(this.lane, guestKeys)
    return new Map(stored.map(({ kind, key, stays }) => [idOf({ kind, key }), stays]))
  }

  /** Whom stays that use one of these guests at Seam name besides, as of this view; may tell of other guests too. */
  async namedBesides(guestKeys: string[]): Promise<{ used: string; besides: string }[]> {
    const stored = await this.#queries.resources.namedBesides(this.lane, guestKeys)
    const untouched = stored.filter(stay => this.#rows.get(idOf(stay))?.before === undefined)
    const drawn = this.touched('stay').flatMap(({ fields, names }) => {
      const used = guestIn(fields)?.key
      const besides = names.filter(({ role, key }) => role === 'guest' && key !== used)
      return used === undefined ? [] : besides.map(({ key }) => ({ used, besides: key }))
    })
    return [...drawn, ...untouched.map(stay => ({ used: stay.guest_used, besides: stay.ref_key }))]
  }

  /** Drawn in this view; who is to be drawn again because of it is so from now on. */
  drawn(refs: Redraw[]): void {
    if (refs.length > 0) this.#otherWrites.push(this.#queries.resources.redrawn(this.lane, refs))
  }

  /** To be drawn soon, by a commit of their own. */
  postpone(refs: ResourceRef[]): void {
    this.#otherWrites.push(this.#queries.resources.redraw(this.lane, refs))
    this.hasMoreToDraw = true
  }

  /** The revision that changes of this view get. */
  get nextRevision(): number {
    return (this.#state?.revision ?? 0) + 1
  }

  /** Everything that changed, as one commit; lanes come first. Empty where nothing did. */
  writes(now: number, due: Due | undefined): Write[] {
    const rows = this.touched().filter(row => row.before.whole !== wholeOf(row))
    const bookings = [...this.#bookings.values()].flatMap(booking => (booking?.touched ? booking : []))
    const others = [...this.keys.strayWrites, ...this.#otherWrites, ...this.contacts.writes]
    if (rows.length + bookings.length + others.length === 0 && !this.keys.looksElsewhere) return []
    const { resources, lanes } = this.#queries
    const { workspaceId, customerKey } = this.lane
    // Key order, so that two commits never wait for each other in a circle.
    const sorted = rows.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    const renamed = sorted.filter(row => row.before.names !== JSON.stringify(row.names))
    return [
      ...this.keys.lanesInOrder(lanes.advance(this.lane, this.#state?.revision, due)),
      ...this.keys.nobodyElseHas(),
      resources.upsertBooking(
        bookings.map(booking => ({
          workspace_id: workspaceId,
          customer_key: customerKey,
          connection_id: booking.connectionId,
          booking: booking.key,
          stamp: booking.stamp,
          empty_because: booking.emptyBecause
        }))
      ),
      resources.upsert(sorted.map(row => storedOf(this.lane, row, now))),
      ...renamed.flatMap(row => resources.names(this.lane, row, row.names)),
      ...sorted.flatMap(row => this.#wordsOf(row)),
      ...others
    ]
  }

  /** By which operators find people and places; of stays those of the guest. */
  #wordsOf(row: Touched): Write[] {
    if (kinds[row.kind].role === 'stay') return []
    const words = searchWordsIn(row.fields)
    const before = searchWordsIn(JSON.parse(row.before.fields))
    return isDeepStrictEqual(words, before) ? [] : this.#queries.resources.words(this.lane, row, words)
  }

  #adopt(row: ResourceRow): Resource {
    const known = this.#rows.get(idOf(row))
    if (known) return known
    const adopted = resourceOf(row)
    // Told of since the customer was taken off, and before as well.
    forget(adopted.facts, this.offboardStamp)
    adopted.removedStamp = later(adopted.removedStamp, this.offboardStamp)
    this.#rows.set(idOf(row), adopted)
    return adopted
  }
}
