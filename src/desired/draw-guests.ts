import { sameEmail } from '../model/contact.ts'
import { keysNamedIn } from '../model/names.ts'
import { NEVER } from '../model/stamp.ts'
import type { Contact } from '../store/contacts.ts'
import type { ResourceRef } from '../store/resources.ts'
import type { ConnectionOf } from './callers.ts'
import { standsForItself } from './entry-facts.ts'
import type { Facts } from './facts.ts'
import type { HeldContact, LaneContacts } from './lane-contacts.ts'
import type { LaneView } from './lane-view.ts'
import { valueIn } from './let-go.ts'
import { guestIn } from './named-at-seam.ts'
import { type GuestContext, guestContext, type Rendered, renderGuest } from './render.ts'
import { idOf, type Resource, type Touched } from './resource.ts'
import { personsOf } from './same-guest.ts'

/** Guests that a drawn stay used or uses, and those that were touched themselves: at Seam while a stay there names them. */
export async function drawGuests(view: LaneView, connectionOf: ConnectionOf): Promise<void> {
  const drawing = new GuestDrawing(view, connectionOf)
  const { rows, used } = await drawing.rowsAndUse()
  await drawing.loadPersons(rows.filter(row => used.has(idOf(row))))
  await view.contacts.loadHeldBy(rows)
  await view.contacts.loadOwners(rows.flatMap(row => (used.has(idOf(row)) ? drawing.wantedBy(row) : [])))
  for (const row of rows.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))) {
    await view.breathe()
    await drawing.guest(row, used.has(idOf(row)))
  }
}

class GuestDrawing {
  readonly #view: LaneView
  readonly #contacts: LaneContacts
  readonly #connectionOf: ConnectionOf
  #persons = new Map<Resource, Facts>()

  constructor(view: LaneView, connectionOf: ConnectionOf) {
    this.#view = view
    this.#contacts = view.contacts
    this.#connectionOf = connectionOf
  }

  /** Whom to draw, and the ids of those that a stay at Seam names or a caller wants there. */
  async rowsAndUse(): Promise<{ rows: Resource[]; used: Set<string> }> {
    const used = new Set<string>()
    const stored = new Map<string, number>()
    const refs = new Map<string, ResourceRef>()
    for (const stay of this.#view.touched('stay')) {
      const before = guestIn(JSON.parse(stay.before.fields))
      const after = guestIn(stay.fields)
      if (before !== undefined) stored.set(idOf(before), (stored.get(idOf(before)) ?? 0) + 1)
      if (after !== undefined) used.add(idOf(after))
      for (const ref of [before, after]) if (ref !== undefined) refs.set(idOf(ref), ref)
    }
    for (const row of this.#view.touched('guest')) refs.set(idOf(row), row)
    const rows = await this.#view.rows([...refs.values()])
    const unsure = rows.filter(row => !used.has(idOf(row)))
    const using = await this.#view.using(unsure.map(row => row.key))
    // Beside the stays of this view, of which it knows better than the store.
    for (const id of unsure.map(idOf)) if ((using.get(id) ?? 0) > (stored.get(id) ?? 0)) used.add(id)
    for (const row of rows) {
      if (standsForItself(row.facts)) used.add(idOf(row))
      // Of whom nothing was ever told but that they are deleted, there is nothing to push.
      const deleted = row.removedStamp > this.#view.floorOf(row)
      if (row.upsertStamp === NEVER && deleted) used.delete(idOf(row))
    }
    return { rows, used }
  }

  async loadPersons(guests: Resource[]): Promise<void> {
    this.#persons = await personsOf(this.#view, this.#connectionOf, guests)
  }

  wantedBy(row: Resource): Contact[] {
    const connection = this.#connectionOf(row)
    return connection === undefined ? [] : contactsOf(guestContext(connection, this.#factsOf(row)))
  }

  async guest(row: Resource, used: boolean): Promise<void> {
    const connection = this.#connectionOf(row)
    // Its connection is gone from the file: it stays as it is for as long as somebody's stay needs it.
    if (used && connection === undefined) return
    const guest = this.#view.touch(row)
    const wanted = used ? this.wantedBy(guest) : []
    const held = await this.#contacts.heldBy(guest)
    const may = { email: true, phone: true }
    for (const contact of wanted) may[contact.type] = await this.#mayHave(guest, contact, held)
    for (const contact of held) {
      const stillWanted = wanted.some(each => isSame(each, contact))
      // What Seam may hold is let go only when Seam has agreed to the change; sync does that.
      if (!stillWanted && (contact.state === 'waiting' || !guest.offered))
        this.#contacts.release(guest, contact)
    }
    if (!used || connection === undefined) Object.assign(guest, { fields: null, warnings: [] })
    else {
      const rendered = renderGuest(connection, guest.key, this.#factsOf(guest), may, guest.kind)
      const isStaff = guest.kind === 'staff_member'
      Object.assign(guest, isStaff ? await this.#withoutForeignKeys(rendered) : rendered)
    }
  }

  #factsOf(guest: Resource): Facts {
    return this.#persons.get(guest) ?? guest.facts
  }

  /** Staff reach no place of another customer, whoever has come to own the key since it was told. */
  async #withoutForeignKeys({ fields, warnings }: Rendered): Promise<Rendered> {
    const foreign = await this.#view.keys.elsewhere(keysNamedIn(fields))
    if (foreign.size === 0) return { fields, warnings }
    const own = Object.entries(fields).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.filter(key => !foreign.has(key)) : value
    ])
    return {
      fields: Object.fromEntries(own),
      warnings: [...warnings, 'a place that is named belongs to another customer; it was left out']
    }
  }

  async #mayHave(guest: Touched, contact: Contact, held: HeldContact[]): Promise<boolean> {
    const owner = await this.#contacts.ownerOf(contact)
    if (owner === undefined) {
      this.#contacts.claim(guest, contact)
      return true
    }
    const own =
      owner.customerKey === this.#view.lane.customerKey &&
      owner.kind === guest.kind &&
      owner.key === guest.key
    const known = held.some(each => isSame(each, contact))
    if (!own && known) this.#contacts.keepWaiting(owner, contact)
    else if (!own) this.#contacts.waitFor(guest, contact)
    // Sync may be about to let go of what was not wanted until now.
    else if (known && !wasWanted(guest, contact)) this.#contacts.claim(guest, contact)
    return own
  }
}

function contactsOf({ email, phone }: GuestContext): Contact[] {
  const contacts: Contact[] = []
  if (email !== undefined) contacts.push({ type: 'email', value: sameEmail(email) })
  if (phone !== undefined) contacts.push({ type: 'phone', value: phone })
  return contacts
}

function isSame(a: Contact, b: Contact): boolean {
  return a.type === b.type && a.value === b.value
}

/** Whether the guest as stored has it, which keeps sync from letting go of it. */
function wasWanted({ before }: Touched, { type, value }: Contact): boolean {
  return valueIn(JSON.parse(before.fields), type) === value
}
