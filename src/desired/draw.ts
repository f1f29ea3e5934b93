import type { Connection } from '../model/connection.ts'
import { sameEmail } from '../model/contact.ts'
import { guestLists, kindOfList, kinds } from '../model/kind.ts'
import { later } from '../model/stamp.ts'
import type { Contact } from '../store/contacts.ts'
import type { ResourceRef } from '../store/resources.ts'
import { forget, join, textOf, textsOf } from './facts.ts'
import { letGoOfFormerPlaces } from './former-places.ts'
import { idOf, isAlive, type LaneView, type Name, type Resource } from './lane-view.ts'
import { valueIn } from './let-go.ts'
import { guestRef, placeRef } from './merge.ts'
import {
  type GuestContext,
  type GuestPart,
  guestContext,
  placeContext,
  renderGuest,
  renderPlace,
  renderStay,
  type SeamFields
} from './render.ts'

export type ConnectionOf = (id: string) => Connection | undefined

/** Stays that are drawn in one commit because of what they name: larger ones would meet sync's commits too often. */
const MOST_DEPENDENTS = 200

/** How far a chain of merged places or guests is followed: further than any goes. */
const LONGEST_MERGE_CHAIN = 100

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
  const drawing = new Drawing(view, connectionOf, now, force)
  for (const row of force) view.touch(row)
  await drawing.places()
  await drawing.stays(await drawing.staysToDraw(mostDependents))
  await letGoOfFormerPlaces(view, connectionOf)
  await drawing.guests()
  drawing.countRevisions()
}

/** A row, and the platform's id that led to it. */
interface Followed {
  id: string
  row: Resource
}

/** A place or guest as a connection calls it. */
interface Called {
  ref: Name['ref']
  connection: Connection
  id: string
}

class Drawing {
  readonly #view: LaneView
  readonly #connectionOf: ConnectionOf
  readonly #now: number
  readonly #force: Set<Resource>
  /** Places and guests that were looked for under other keys and lists. */
  readonly #takenOver = new Set<string>()
  /** Those of them that now know more. */
  readonly #moved = new Set<Resource>()

  constructor(view: LaneView, connectionOf: ConnectionOf, now: number, force: Resource[]) {
    this.#view = view
    this.#connectionOf = connectionOf
    this.#now = now
    this.#force = new Set(force)
  }

  async places(): Promise<void> {
    const called: Called[] = []
    for (const ref of ['place', 'guest'] as const) {
      for (const { connectionId, sourceId: id } of this.#touched(ref)) {
        const connection = this.#connectionOf(connectionId)
        if (connection !== undefined) called.push({ ref, connection, id })
      }
    }
    for (const stay of this.#touched('stay')) called.push(...this.#namedBy(stay))
    await this.#takeOverAll(called)
    for (const row of this.#touched('place')) {
      const connection = this.#connectionOf(row.connectionId)
      if (connection !== undefined) this.#place(connection, row)
    }
  }

  #place(connection: Connection, row: Resource): void {
    const { alive, mergedInto } = placeContext(connection, row.sourceId, row.facts, isAlive(row))
    const shown = alive && mergedInto === undefined
    if (shown && !isOfThisKind(row, connection.lists.place)) return
    row.fields = shown ? renderPlace(connection, row.key, row.sourceId, row.facts) : null
  }

  /** Touched stays, and those that name a touched place or guest whose change can reach them. */
  async staysToDraw(mostDependents: number): Promise<Resource[]> {
    const stays = new Set(this.#touched('stay'))
    const told = new Set([...stays].map(idOf))
    const dependents = new Map<string, ResourceRef>()
    for (const ref of ['place', 'guest'] as const) {
      const moved = this.#touched(ref).filter(
        row => this.#force.has(row) || this.#moved.has(row) || this.#contextMoved(row)
      )
      const keys = moved.map(row => row.key)
      for (const stay of await this.#view.naming(ref, keys))
        if (!told.has(idOf(stay))) dependents.set(idOf(stay), stay)
    }
    const refs = [...dependents.values()]
    const later = refs.splice(mostDependents)
    if (later.length > 0) this.#view.postpone(later)
    for (const stay of await this.#view.rows(refs)) stays.add(stay)
    return [...stays].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  #namedBy(stay: Resource): Called[] {
    const connection = this.#connectionOf(stay.connectionId)
    if (connection === undefined || !isAlive(stay)) return []
    const guest = textOf(stay.facts, 'guest')
    return [
      ...textsOf(stay.facts, 'places').map(id => ({ ref: 'place' as const, connection, id })),
      ...(guest === undefined ? [] : [{ ref: 'guest' as const, connection, id: guest }])
    ]
  }

  async stays(rows: Resource[]): Promise<void> {
    const named = rows.flatMap(row => this.#namedBy(row))
    await this.#takeOverAll(named)
    await this.#loadHolders(named)
    for (const row of rows) {
      const connection = this.#connectionOf(row.connectionId)
      if (connection === undefined) continue
      this.#view.touch(row)
      await this.#stay(connection, row)
    }
  }

  async #stay(connection: Connection, row: Resource): Promise<void> {
    if (!isAlive(row)) {
      if (hasEnded(row.fields, this.#now)) row.startsAt = null
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
      guest: guest && partOf(guest, connection)
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
    row.startsAt = 'fields' in rendered && hasEnded(rendered.fields, this.#now) ? null : rendered.startsAt
    if ('held' in rendered) {
      Object.assign(row, { fields: null, held: rendered.held, warnings: [], guestUsed: null })
      return
    }
    Object.assign(row, { fields: rendered.fields, held: null, warnings: rendered.warnings })
    row.guestUsed = guestIn(rendered.fields)?.key ?? null
  }

  async #placesOf(connection: Connection, row: Resource, names: Name[]): Promise<Followed[]> {
    const places: Followed[] = []
    for (const id of textsOf(row.facts, 'places')) {
      const place = await this.#follow('place', connection, id, names)
      if (place !== undefined) places.push(place)
    }
    return places
  }

  /** Reads all of these at once, and what is known of them under other keys and lists. */
  async #takeOverAll(called: Called[]): Promise<void> {
    await this.#view.load(called.map(refOf))
    const asked: Called[] = []
    for (const each of called) if (await this.#mayBeKnownOtherwise(each)) asked.push(each)
    for (const [, group] of Map.groupBy(asked, each => `${each.ref} ${each.connection.id}`)) {
      const [first] = group
      const ids = [...new Set(group.map(each => each.id))]
      if (first !== undefined) await this.#view.loadKnownAs(first.ref, first.connection.id, ids)
    }
    for (const each of called) await this.#takeOver(each)
  }

  /** What is stored under its key of today has been looked up before, unless the settings have changed since. */
  async #mayBeKnownOtherwise(called: Called): Promise<boolean> {
    const row = await this.#view.get(refOf(called))
    return row === undefined || this.#force.size > 0 || (row.before !== undefined && !row.before.whole)
  }

  /**
   * A place or guest whose key or list the settings have changed takes in what is known of it under the former ones. A
   * place is then drawn anew at once, so that an edit moves the stays and ends nobody's code. A guest goes to the other
   * list only when somebody tells of them again.
   */
  async #takeOver(called: Called): Promise<void> {
    const { ref, connection, id } = called
    const name = JSON.stringify([ref, connection.id, id])
    if (this.#takenOver.has(name) || !(await this.#mayBeKnownOtherwise(called))) return
    this.#takenOver.add(name)
    const known = await this.#view.get(refOf(called))
    if (known === undefined && ref === 'guest') return
    const made = { connectionId: connection.id, sourceId: id, booking: null }
    const row = known ?? (await this.#view.obtain(refOf(called), made))
    for (const former of await this.#view.knownAs(ref, connection.id, id)) {
      if (former === row) continue
      this.#view.touch(row)
      this.#moved.add(row)
      join(row.facts, former.facts)
      row.upsertStamp = later(row.upsertStamp, former.upsertStamp)
      row.removedStamp = later(row.removedStamp, former.removedStamp)
      if (ref === 'place') forget(row.facts, row.removedStamp)
    }
    if (known === undefined) this.#place(connection, row)
  }

  /** The guest as pushed to another list before the settings changed; where there were several, the one told of last. */
  async #formerGuest(connection: Connection, id: string): Promise<Resource | undefined> {
    const known = await this.#view.knownAs('guest', connection.id, id)
    return known.toSorted((a, b) => (a.upsertStamp > b.upsertStamp ? -1 : 1))[0]
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
    let followed: Followed | undefined
    let next: string | undefined = first
    for (let step = 0; next !== undefined && step < LONGEST_MERGE_CHAIN; step += 1) {
      await this.#takeOver({ ref, connection, id: next })
      const row: Resource | undefined =
        (await this.#view.get(refOf({ ref, connection, id: next }))) ??
        (ref === 'guest' ? await this.#formerGuest(connection, next) : undefined)
      if (row === undefined) break
      names.push({ ref, key: row.key })
      followed = { id: next, row }
      next = textOf(row.facts, 'mergedInto')
    }
    return followed
  }

  /** Reads at once who holds the e-mails of guests that stays name. */
  async #loadHolders(named: Called[]): Promise<void> {
    const emails: Contact[] = []
    for (const each of named) {
      const guest = each.ref === 'guest' ? await this.#view.get(refOf(each)) : undefined
      const email = guest && guestContext(each.connection, guest.facts).email
      if (email !== undefined) emails.push({ type: 'email', value: sameEmail(email) })
    }
    await this.#view.loadOwners(emails)
    const owners = await Promise.all(emails.map(email => this.#view.contactOwner(email)))
    const { customerKey } = this.#view.lane
    await this.#view.load(owners.filter(owner => owner?.customerKey === customerKey).filter(each => !!each))
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
    const used = new Set<string>()
    const stored = new Map<string, number>()
    const refs = new Map<string, ResourceRef>()
    for (const stay of this.#touched('stay')) {
      const before = guestIn(JSON.parse(stay.before?.fields ?? 'null'))
      const after = guestIn(stay.fields)
      if (before !== undefined) stored.set(idOf(before), (stored.get(idOf(before)) ?? 0) + 1)
      if (after !== undefined) used.add(idOf(after))
      for (const ref of [before, after]) if (ref !== undefined) refs.set(idOf(ref), ref)
    }
    for (const row of this.#touched('guest')) refs.set(idOf(row), row)
    const rows = await this.#view.rows([...refs.values()])
    const unsure = rows.filter(row => !used.has(idOf(row)))
    const using = await this.#view.using(unsure.map(row => row.key))
    // Beside the stays of this view, of which it knows better than the store.
    for (const id of unsure.map(idOf)) if ((using.get(id) ?? 0) > (stored.get(id) ?? 0)) used.add(id)
    await this.#view.loadContactsOf(rows)
    await this.#view.loadOwners(rows.flatMap(row => (used.has(idOf(row)) ? this.#wantedBy(row) : [])))
    for (const row of rows.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1)))
      await this.#guest(row, used.has(idOf(row)))
  }

  #wantedBy(row: Resource): Contact[] {
    const connection = this.#connectionOf(row.connectionId)
    return connection === undefined ? [] : contactsOf(guestContext(connection, row.facts))
  }

  async #guest(row: Resource, used: boolean): Promise<void> {
    const connection = this.#connectionOf(row.connectionId)
    // Its connection is gone from the file: it stays as it is for as long as somebody's stay needs it.
    if (used && connection === undefined) return
    this.#view.touch(row)
    const wanted = used ? this.#wantedBy(row) : []
    const held = await this.#view.contactsOf(row)
    const may = { email: true, phone: true }
    for (const contact of wanted) may[contact.type] = await this.#mayHave(row, contact, held)
    for (const contact of held) {
      const stillWanted = wanted.some(each => each.type === contact.type && each.value === contact.value)
      // What Seam may hold is let go only when Seam has agreed to the change; sync does that.
      if (!stillWanted && (contact.state === 'waiting' || !row.offered)) this.#view.release(row, contact)
    }
    if (!used || connection === undefined) Object.assign(row, { fields: null, warnings: [] })
    else Object.assign(row, renderGuest(connection, row.key, row.facts, may, row.kind))
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

function hasEnded(stay: SeamFields | null, now: number): boolean {
  return Date.parse(String(stay?.ends_at)) <= now
}

function refOf({ ref, connection, id }: Called): ResourceRef {
  return ref === 'place' ? placeRef(connection, id) : guestRef(connection, id)
}

const kindsOfGuests = guestLists.map(kindOfList)

/** The guest that a stay names at Seam. */
function guestIn(fields: SeamFields | null): ResourceRef | undefined {
  const kind =
    fields === null ? undefined : kindsOfGuests.find(each => Object.hasOwn(fields, kinds[each].keyField))
  return kind && { kind, key: String(fields?.[kinds[kind].keyField]) }
}

function partOf(guest: Resource, connection: Connection): GuestPart {
  return {
    kind: guest.kind,
    key: guest.key,
    name: textOf(guest.facts, 'name'),
    context: guestContext(connection, guest.facts)
  }
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
