import type { Connection } from '../model/connection.ts'
import { sameEmail } from '../model/contact.ts'
import type { Stamp } from '../model/stamp.ts'
import type { Contact } from '../store/contacts.ts'
import type { ConnectionOf } from './callers.ts'
import { type Facts, join, textOf } from './facts.ts'
import type { LaneView } from './lane-view.ts'
import { emailIn, guestContext } from './render.ts'
import { type Called, refOf } from './resolution.ts'
import type { Name, Resource } from './resource.ts'

/** Reads at once who holds the e-mails of guests that stays name. */
export async function loadHolders(view: LaneView, named: Called[]): Promise<void> {
  const emails: Contact[] = []
  for (const each of named) {
    const guest = each.role === 'guest' ? await view.get(refOf(each)) : undefined
    const email = guest && emailIn(guest.facts)
    if (email !== undefined) emails.push({ type: 'email', value: sameEmail(email) })
  }
  await view.contacts.loadOwners(emails)
  const owners = await Promise.all(emails.map(email => view.contacts.ownerOf(email)))
  const { customerKey } = view.lane
  await view.load(owners.flatMap(owner => (owner?.customerKey === customerKey ? owner : [])))
}

/**
 * The guest that a stay names at Seam: the one of this customer who holds the e-mail, since two guests with one e-mail
 * are one person to Seam. Nobody holds it yet: this guest does from now on.
 * @param names gets the holder, since a stay depends on whether it remains one
 */
export async function holderOf(
  view: LaneView,
  connectionOf: ConnectionOf,
  guest: Resource,
  names: Name[]
): Promise<Resource> {
  const email = emailIn(guest.facts)
  if (email === undefined) return guest
  const contact: Contact = { type: 'email', value: sameEmail(email) }
  const owner = await view.contacts.ownerOf(contact)
  if (owner === undefined) {
    view.contacts.claim(guest, contact)
    return guest
  }
  if (owner.customerKey !== view.lane.customerKey || owner.kind !== guest.kind) return guest
  // Whoever holds it now may become the same person, or cease to be.
  names.push({ role: 'guest', key: owner.key })
  const holder = await view.get(owner)
  if (holder !== undefined && emailOf(holder, connectionOf) === contact.value) return holder
  // A holder with another e-mail by now, or merged away, lets go of it once Seam knows; until then nobody is that person.
  // Nor while the holder's connection is gone from the file: then it goes to Seam as it is.
  if (holder !== undefined && !holder.offered && connectionOf(holder) !== undefined) {
    view.contacts.pass(holder, guest, contact)
  }
  return guest
}

/**
 * What is known of guests, and of whoever is the same person by the e-mail for a stay: the name and the number that were
 * told last, of whichever of them. Else a new number would reach nobody where the platform, or another account, calls the
 * person otherwise by then.
 * @param guests whom stays at Seam name
 * @returns of those who are known under other ids too
 */
export async function personsOf(
  view: LaneView,
  connectionOf: ConnectionOf,
  guests: Resource[]
): Promise<Map<Resource, Facts>> {
  const known = guests.filter(guest => emailOf(guest, connectionOf) !== undefined)
  const named = await view.namedBesides(known.map(guest => guest.key))
  const besides = Map.groupBy(named, ({ used }) => used)
  const sharing = known.flatMap(guest => {
    const keys = new Set(besides.get(guest.key)?.map(each => each.besides))
    const others = Array.from(keys, key => ({ kind: guest.kind, key }))
    return others.length === 0 ? [] : [{ guest, others }]
  })
  await view.load(sharing.flatMap(({ others }) => others))
  const persons = new Map<Resource, Facts>()
  for (const { guest, others } of sharing) {
    const email = emailOf(guest, connectionOf)
    const same = (await view.rows(others)).filter(other => emailOf(other, connectionOf) === email)
    if (same.length === 0) continue
    const person: Facts = {}
    for (const each of [guest, ...same]) join(person, contactFacts(each, connectionOf))
    persons.set(guest, { ...guest.facts, ...person })
  }
  return persons
}

/** What has a use for whoever calls the person otherwise: the number as its own connection means it. */
function contactFacts(row: Resource, connectionOf: ConnectionOf): Facts {
  const { facts } = row
  // One whose e-mail is known has one.
  const { phone } = guestContext(connectionOf(row) as Connection, facts)
  const [name, fallbackName] = ['name', 'fallbackName'].map(each => textOf(facts, each)?.trim())
  const usable = Object.entries({ name, fallbackName, phone }).filter(([, value]) => value)
  return Object.fromEntries(
    usable.map(([each, value]) => [each, { value, stamp: facts[each]?.stamp as Stamp }])
  )
}

function emailOf(row: Resource, connectionOf: ConnectionOf): string | undefined {
  const email = emailIn(row.facts)
  const isSomebody = connectionOf(row) !== undefined && textOf(row.facts, 'mergedInto') === undefined
  return email !== undefined && isSomebody ? sameEmail(email) : undefined
}
