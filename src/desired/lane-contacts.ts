import type { Contact, ContactOwner, Contacts } from '../store/contacts.ts'
import type { Lanes } from '../store/lanes.ts'
import type { Lane, ResourceRef } from '../store/resources.ts'
import type { Write } from '../store/write.ts'
import { idOf } from './resource.ts'

/** A contact detail as one guest has it: its own, or waited for. */
export type HeldContact = Contact & { state: 'owner' | 'waiting' }

/** In the place of a guest's key, which is never empty. */
const NOBODY = ''

/**
 * Whose e-mails and phones are, as far as a step on a lane looks at them: read when first asked for, changed in memory,
 * and part of the lane's commit.
 */
export class LaneContacts {
  readonly #lane: Lane
  readonly #contacts: Contacts
  readonly #lanes: Lanes
  readonly #isLeaving: boolean
  readonly #owners = new Map<string, ContactOwner | undefined>()
  readonly #held = new Map<string, HeldContact[] | undefined>()
  readonly #writes: Write[] = []

  /** @param isLeaving whether Seam is still to be told that the customer was taken off */
  constructor(lane: Lane, { contacts, lanes }: { contacts: Contacts; lanes: Lanes }, isLeaving: boolean) {
    this.#lane = lane
    this.#contacts = contacts
    this.#lanes = lanes
    this.#isLeaving = isLeaving
  }

  /** What has changed, in the order in which it did. */
  get writes(): readonly Write[] {
    return this.#writes
  }

  /** Reads whose these are. */
  async loadOwners(contacts: Contact[]): Promise<void> {
    const unread = contacts.filter(each => !this.#owners.has(contactId(each)))
    const found = await this.#contacts.owners(this.#lane.workspaceId, unread)
    for (const each of unread) this.#owners.set(contactId(each), undefined)
    for (const { type, value, ...owner } of found) this.#owners.set(contactId({ type, value }), owner)
  }

  async ownerOf(contact: Contact): Promise<ContactOwner | undefined> {
    await this.loadOwners([contact])
    return this.#owners.get(contactId(contact))
  }

  /** Reads what these guests have or wait for. */
  async loadHeldBy(guests: ResourceRef[]): Promise<void> {
    const unread = guests.filter(guest => !this.#held.has(idOf(guest)))
    const found = await this.#contacts.ofGuests(
      this.#lane,
      unread.map(guest => guest.key)
    )
    const held = Map.groupBy(found, idOf)
    for (const guest of unread) this.#held.set(idOf(guest), held.get(idOf(guest)))
  }

  /** What a guest has or waits for, as stored. */
  async heldBy(guest: ResourceRef): Promise<HeldContact[]> {
    await this.loadHeldBy([guest])
    return this.#held.get(idOf(guest)) ?? []
  }

  claim(guest: ResourceRef, contact: Contact): void {
    this.#owners.set(contactId(contact), { ...this.#lane, kind: guest.kind, key: guest.key })
    this.#writes.push(...this.#contacts.claim(this.#lane, guest, contact))
  }

  waitFor(guest: ResourceRef, contact: Contact): void {
    this.#writes.push(this.#contacts.wait(this.#lane, guest, contact))
  }

  /** Sleeps on, where the owner is the one that was seen. */
  keepWaiting(owner: ContactOwner, contact: Contact): void {
    this.#writes.push(this.#contacts.stillOwned(owner, contact))
  }

  release(guest: ResourceRef, contact: HeldContact): void {
    if (contact.state === 'waiting') {
      this.#writes.push(...this.#contacts.release(this.#lane, guest, contact))
      return
    }
    const owner = this.#owners.get(contactId(contact))
    // Somebody else's already, within this view.
    if (owner !== undefined && (owner.kind !== guest.kind || owner.key !== guest.key)) return
    this.#free(guest, contact)
    if (this.#isLeaving) this.#keepForNobody(guest, contact)
  }

  /** From one guest to another: Seam hears of a customer in order, and so never of both with the same. */
  pass(from: ResourceRef, to: ResourceRef, contact: Contact): void {
    this.#free(from, contact)
    this.claim(to, contact)
  }

  #free(guest: ResourceRef, contact: Contact): void {
    // Free within this view already: whoever wants it next claims it, for a wait would find no owner to wait for.
    this.#owners.set(contactId(contact), undefined)
    // Not where sync has begun to send it meanwhile.
    this.#writes.push(...this.#contacts.release(this.#lane, guest, contact, { offered: 0 }))
  }

  /**
   * Seam may have it from before the customer was taken off, under a guest of whom nothing was known since: until Seam
   * has forgotten the customer, it is nobody else's. It comes free like that of guests who are gone.
   */
  #keepForNobody({ kind }: ResourceRef, contact: Contact): void {
    this.#writes.push(this.#lanes.stillToBeTakenOff(this.#lane))
    this.claim({ kind, key: NOBODY }, contact)
  }
}

function contactId({ type, value }: Contact): string {
  return `${type} ${value}`
}
