import type { Connection } from '../model/connection.ts'
import { sameEmail } from '../model/contact.ts'
import { kindOfList, kinds, placeLists } from '../model/kind.ts'
import type { Contact } from '../store/contacts.ts'
import { textOf, textsOf } from './facts.ts'
import { prefixed } from './keys.ts'
import { isAlive, type LaneView, type Name, type Resource } from './lane-view.ts'
import { valueIn } from './let-go.ts'
import { guestRef, placeRef } from './merge.ts'
import {
  type GuestContext,
  guestContext,
  placeContext,
  renderGuest,
  renderPlace,
  renderStay,
  type SeamFields
} from './render.ts'

export type ConnectionOf = (id: string) => Connection | undefined

/** How far a chain of merged places or guests is followed: further than any goes. */
const LONGEST_MERGE_CHAIN = 100

/**
 * Brings what Seam shall hold in line with what is known, for everything that was touched and all that depends on it:
 * a place's zone or hours move its stays, a guest's e-mail decides who the guest is, and a guest is at Seam exactly
 * while a stay at Seam names them.
 * @param force resources whose dependents are drawn too, although nothing about them changed in this view
 */
export async function draw(
  view: LaneView,
  connectionOf: ConnectionOf,
  force: Resource[] = []
): Promise<void> {
  const drawing = new Drawing(view, connectionOf)
  for (const row of force) view.touch(row)
  await drawing.places()
  await drawing.stays(await drawing.staysToDraw(force))
  await drawing.guests()
  drawing.countRevisions()
}

/** A row, and the platform's id that led to it. */
interface Followed {
  id: string
  row: Resource
}

class Drawing {
  readonly #view: LaneView
  readonly #connectionOf: ConnectionOf

  constructor(view: LaneView, connectionOf: ConnectionOf) {
    this.#view = view
    this.#connectionOf = connectionOf
  }

  async places(): Promise<void> {
    for (const row of this.#touched('place')) {
      const connection = this.#connectionOf(row.connectionId)
      if (connection === undefined) continue
      await this.#takeOver(connection, row.sourceId)
      this.#place(connection, row)
    }
  }

  #place(connection: Connection, row: Resource): void {
    const { alive, mergedInto } = placeContext(connection, row.sourceId, row.facts, isAlive(row))
    const shown = alive && mergedInto === undefined
    if (shown && !isOfThisKind(row, connection.lists.place)) return
    row.fields = shown ? renderPlace(connection, row.key, row.sourceId, row.facts) : null
  }

  /** Touched stays, and those that name a touched place or guest whose change can reach them. */
  async staysToDraw(force: Resource[]): Promise<Resource[]> {
    const stays = new Set(this.#touched('stay'))
    for (const ref of ['place', 'guest'] as const) {
      const moved = this.#touched(ref).filter(row => force.includes(row) || this.#contextMoved(row))
      for (const stay of await this.#view.naming(
        ref,
        moved.map(row => row.key)
      ))
        stays.add(stay)
    }
    return [...stays].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  async stays(rows: Resource[]): Promise<void> {
    for (const row of rows) {
      const connection = this.#connectionOf(row.connectionId)
      if (connection === undefined) continue
      this.#view.touch(row)
      await this.#stay(connection, row)
    }
  }

  async #stay(connection: Connection, row: Resource): Promise<void> {
    if (!isAlive(row)) {
      Object.assign(row, { fields: null, held: null, warnings: [], guestUsed: null, names: [] })
      return
    }
    if (!isOfThisKind(row, connection.lists.stay)) return
    const names: Name[] = []
    const places = await this.#placesOf(connection, row, names)
    const guest = await this.#guestOf(connection, row, names)
    const parts = {
      // By the id that this connection calls it: the settings of another that shares the key are no business of the stay.
      places: places.map(({ id, row: place }) => ({
        key: place.key,
        context: placeContext(connection, id, place.facts, isAlive(place))
      })),
      guest: guest && {
        key: guest.key,
        name: textOf(guest.facts, 'name'),
        context: guestContext(connection, guest.facts)
      }
    }
    let rendered = renderStay(connection, row.key, row.facts, parts)
    if ('fields' in rendered && guest !== undefined) {
      const holder = await this.#holderOf(connection, guest, names)
      if (holder.key !== guest.key) {
        rendered = renderStay(connection, row.key, row.facts, {
          ...parts,
          guest: { ...partOf(guest, connection), key: holder.key }
        })
      }
    }
    row.names = distinct(names)
    row.startsAt = rendered.startsAt
    if ('held' in rendered) {
      Object.assign(row, { fields: null, held: rendered.held, warnings: [], guestUsed: null })
      return
    }
    Object.assign(row, { fields: rendered.fields, held: null, warnings: rendered.warnings })
    row.guestUsed = String(rendered.fields[kinds[guestRef(connection, '').kind].keyField])
  }

  async #placesOf(connection: Connection, row: Resource, names: Name[]): Promise<Followed[]> {
    const places: Followed[] = []
    for (const id of textsOf(row.facts, 'places')) {
      const place = await this.#follow('place', connection, id, names)
      if (place !== undefined) places.push(place)
    }
    return places
  }

  /**
   * A place whose key or list the settings have changed since the last start is drawn anew from what was known of it
   * before, so that an edit moves the stays and ends nobody's code.
   */
  async #takeOver(connection: Connection, id: string): Promise<void> {
    const ref = placeRef(connection, id)
    if ((await this.#view.get(ref)) !== undefined) return
    const place = await this.#view.obtain(ref, { connectionId: connection.id, sourceId: id, booking: null })
    const kindsBefore = placeLists.map(kindOfList)
    const before = [ref.key, prefixed(connection, id)].flatMap(key =>
      kindsBefore.map(kind => ({ kind, key }))
    )
    await this.#view.load(before)
    for (const each of before) {
      const known = await this.#view.get(each)
      if (known === undefined || known === place) continue
      const { facts, upsertStamp, removedStamp } = known
      Object.assign(place, { facts: structuredClone(facts), upsertStamp, removedStamp })
      break
    }
    this.#place(connection, place)
  }

  async #guestOf(connection: Connection, row: Resource, names: Name[]): Promise<Resource | undefined> {
    const id = textOf(row.facts, 'guest')
    return id === undefined ? undefined : (await this.#follow('guest', connection, id, names))?.row
  }

  /** What an id stands for, merges followed; every row on the way is one the stay depends on. */
  async #follow(
    ref: 'place' | 'guest',
    connection: Connection,
    first: string,
    names: Name[]
  ): Promise<Followed | undefined> {
    const refOf = ref === 'place' ? placeRef : guestRef
    let followed: Followed | undefined
    let next: string | undefined = first
    for (let step = 0; next !== undefined && step < LONGEST_MERGE_CHAIN; step += 1) {
      if (ref === 'place') await this.#takeOver(connection, next)
      const row = await this.#view.get(refOf(connection, next))
      if (row === undefined) break
      names.push({ ref, key: row.key })
      followed = { id: next, row }
      next = textOf(row.facts, 'mergedInto')
    }
    return followed
  }

  /**
   * The guest that a stay names at Seam: the one of this customer who holds the e-mail, since two guests with one e-mail
   * are one person to Seam. Nobody holds it yet: this guest does from now on.
   */
  async #holderOf(connection: Connection, guest: Resource, names: Name[]): Promise<Resource> {
    const { email } = guestContext(connection, guest.facts)
    if (email === undefined) return guest
    const contact: Contact = { type: 'email', value: sameEmail(email) }
    const owner = await this.#view.contactOwner(contact)
    if (owner === undefined) {
      this.#view.claim(guest, contact)
      return guest
    }
    if (owner.customerKey !== this.#view.lane.customerKey || owner.kind !== guest.kind) return guest
    // Whoever holds it now may become the same person, or cease to be.
    names.push({ ref: 'guest', key: owner.key })
    const holder = await this.#view.get(owner)
    if (holder !== undefined && this.#emailOf(holder) === contact.value) return holder
    // A holder with another e-mail by now, or merged away, lets go of it once Seam knows; until then nobody is that person.
    if (holder !== undefined && !holder.offered) {
      this.#view.release(holder, { ...contact, state: 'owner' })
      this.#view.claim(guest, contact)
    }
    return guest
  }

  #emailOf(row: Resource): string | undefined {
    const connection = this.#connectionOf(row.connectionId)
    const guest = connection && guestContext(connection, row.facts)
    return guest?.email && guest.mergedInto === undefined ? sameEmail(guest.email) : undefined
  }

  /** Guests that a drawn stay used or uses, and those that were touched themselves. */
  async guests(): Promise<void> {
    const kindsOfGuests = new Map<string, Resource>()
    for (const stay of this.#touched('stay')) {
      const connection = this.#connectionOf(stay.connectionId)
      if (connection === undefined) continue
      for (const key of [stay.before?.guestUsed, stay.guestUsed]) {
        const row =
          key == null ? undefined : await this.#view.get({ kind: guestRef(connection, '').kind, key })
        if (row !== undefined) kindsOfGuests.set(row.key, row)
      }
    }
    for (const row of this.#touched('guest')) kindsOfGuests.set(row.key, row)
    for (const row of [...kindsOfGuests.values()].sort((a, b) => (a.key < b.key ? -1 : 1)))
      await this.#guest(row)
  }

  async #guest(row: Resource): Promise<void> {
    const connection = this.#connectionOf(row.connectionId)
    if (connection === undefined) return
    const used = await this.#view.isUsed(row.key)
    if (used && !isOfThisKind(row, connection.lists.guest)) return
    this.#view.touch(row)
    const wanted = used ? contactsOf(guestContext(connection, row.facts)) : []
    const held = await this.#view.contactsOf(row)
    const may = { email: true, phone: true }
    for (const contact of wanted) may[contact.type] = await this.#mayHave(row, contact, held)
    for (const contact of held) {
      const stillWanted = wanted.some(each => each.type === contact.type && each.value === contact.value)
      // What Seam may hold is let go only when Seam has agreed to the change; sync does that.
      if (!stillWanted && (contact.state === 'waiting' || !row.offered)) this.#view.release(row, contact)
    }
    if (used) Object.assign(row, renderGuest(connection, row.key, row.facts, may))
    else Object.assign(row, { fields: null, warnings: [] })
  }

  async #mayHave(row: Resource, contact: Contact, held: (Contact & { state: string })[]): Promise<boolean> {
    const owner = await this.#view.contactOwner(contact)
    if (owner === undefined) {
      this.#view.claim(row, contact)
      return true
    }
    const own =
      owner.customerKey === this.#view.lane.customerKey && owner.kind === row.kind && owner.key === row.key
    const known = held.some(each => each.type === contact.type && each.value === contact.value)
    if (!own && known) this.#view.keepWaiting(owner, contact)
    else if (!own) this.#view.waitFor(row, contact)
    // Sync may be about to let go of what was not wanted until now.
    else if (known && !wasWanted(row, contact)) this.#view.claim(row, contact)
    return own
  }

  /** A resource gets the lane's next revision exactly when what Seam shall hold has changed. */
  countRevisions(): void {
    for (const row of this.#view.touched()) {
      if (row.before?.fields !== JSON.stringify(row.fields)) row.revision = this.#view.nextRevision
    }
  }

  #touched(role: 'place' | 'guest' | 'stay'): Resource[] {
    return this.#view.touched().filter(row => kinds[row.kind].role === role)
  }

  #contextMoved(row: Resource): boolean {
    const connection = this.#connectionOf(row.connectionId)
    // What was not known before, no other stay can have named.
    if (connection === undefined || row.before?.whole === undefined) return false
    const before: Resource = JSON.parse(row.before.whole)
    const contextOf = (each: Resource) =>
      JSON.stringify(kinds[row.kind].role === 'place' ? toldOfPlace(each) : contextOfGuest(connection, each))
    return contextOf(before) !== contextOf(row)
  }
}

/**
 * False for what was pushed to another list before the connection's settings changed. It stays at Seam as it is, so that
 * nobody loses a code over an edit, until its booking is told again: then it goes, and its successor comes.
 */
function isOfThisKind(row: Resource, list: string): boolean {
  return row.kind === kindOfList(list)
}

/** What reaches the stays in a place, whatever the settings of the connections that share it make of it. */
function toldOfPlace(row: Resource): unknown[] {
  const told = ['timeZone', 'checkInTime', 'checkOutTime', 'mergedInto'].map(name => textOf(row.facts, name))
  return [isAlive(row), ...told]
}

function contextOfGuest(connection: Connection, row: Resource): GuestContext & { name: SeamFields[string] } {
  return { ...guestContext(connection, row.facts), name: textOf(row.facts, 'name') }
}

function partOf(guest: Resource, connection: Connection) {
  return { key: guest.key, name: textOf(guest.facts, 'name'), context: guestContext(connection, guest.facts) }
}

function contactsOf({ email, phone }: GuestContext): Contact[] {
  const contacts: Contact[] = []
  if (email !== undefined) contacts.push({ type: 'email', value: sameEmail(email) })
  if (phone !== undefined) contacts.push({ type: 'phone', value: phone })
  return contacts
}

/** Whether the guest as stored has it, which keeps sync from letting go of it. */
function wasWanted({ before }: Resource, { type, value }: Contact): boolean {
  const fields: SeamFields | null = JSON.parse(before?.fields ?? 'null')
  return valueIn(fields, type) === value
}

function distinct(names: Name[]): Name[] {
  const seen = new Map(names.map(name => [`${name.ref} ${name.key}`, name]))
  return [...seen.values()].sort((a, b) => (`${a.ref} ${a.key}` < `${b.ref} ${b.key}` ? -1 : 1))
}
