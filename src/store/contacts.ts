import { sql } from 'kysely'
import { peopleKinds } from '../model/kind.ts'
import { dialectOf } from './dialect.ts'
import { inParts } from './parts.ts'
import { redrawEach } from './redraws.ts'
import type { Lane, ResourceRef, ResourceRow } from './resources.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

export type ContactType = 'email' | 'phone'

export interface Contact {
  type: ContactType
  /** E-mail in lower case, phone in E.164. */
  value: string
}

export type ContactOwner = Lane & ResourceRef

export type Contacts = ReturnType<typeof contactsOf>

/** In the words of the partial index contacts_owner. */
const isOwner = sql<boolean>`state = 'owner'`

/** Who of a workspace holds an e-mail or phone; Seam skips reservations whose guests share one. */
export function contactsOf(store: Store) {
  const { db } = store
  const dialect = dialectOf(store)

  const valuesOf = (lane: Lane, guest: ResourceRef, contact: Contact) => ({
    workspace_id: lane.workspaceId,
    type: contact.type,
    value: contact.value,
    customer_key: lane.customerKey,
    kind: guest.kind,
    key: guest.key
  })

  const deleteOf = (lane: Lane, guest: ResourceRef, contact: Contact) =>
    db
      .deleteFrom('contacts')
      .where('workspace_id', '=', lane.workspaceId)
      .where('type', '=', contact.type)
      .where('value', '=', contact.value)
      .where('customer_key', '=', lane.customerKey)
      .where('kind', '=', guest.kind)
      .where('key', '=', guest.key)

  return {
    async owners(workspaceId: string, contacts: Contact[]): Promise<(Contact & ContactOwner)[]> {
      const ofType = (type: ContactType) =>
        inParts(
          contacts.filter(each => each.type === type).map(each => each.value),
          part =>
            db
              .selectFrom('contacts')
              .select(['type', 'value', 'customer_key as customerKey', 'kind', 'key'])
              .where('workspace_id', '=', workspaceId)
              .where('type', '=', type)
              .where('value', 'in', part)
              .where(isOwner)
              .execute()
        )
      const rows = [...(await ofType('email')), ...(await ofType('phone'))]
      return rows.map(row => ({ workspaceId, ...row }))
    },

    async ofGuests(
      lane: Lane,
      keys: string[]
    ): Promise<(Contact & ResourceRef & { state: 'owner' | 'waiting' })[]> {
      return inParts(keys, part =>
        db
          .selectFrom('contacts')
          .select(['type', 'value', 'state', 'kind', 'key'])
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('kind', 'in', peopleKinds)
          .where('key', 'in', part)
          .execute()
      )
    },

    /** Becomes the owner; undoes the commit where somebody else did meanwhile. */
    claim(lane: Lane, guest: ResourceRef, contact: Contact): Write[] {
      return [
        write(deleteOf(lane, guest, contact)),
        write(
          db
            .insertInto('contacts')
            .values({ ...valuesOf(lane, guest, contact), state: 'owner' })
            .onConflict(conflict => conflict.doNothing()),
          { expect: 1 }
        )
      ]
    },

    /** Waits for the owner to let go; undoes the commit where the owner did so meanwhile. */
    wait(lane: Lane, guest: ResourceRef, contact: Contact): Write {
      const values = valuesOf(lane, guest, contact)
      return write(
        db
          .insertInto('contacts')
          .columns(['workspace_id', 'type', 'value', 'customer_key', 'kind', 'key', 'state'])
          .expression(
            // Locked, else an owner who lets go in a commit beside this one would not see who begins to wait.
            dialect.unchanged(
              db
                .selectFrom('contacts')
                .select(select => [
                  'workspace_id',
                  'type',
                  'value',
                  select.val(values.customer_key).as('customer_key'),
                  select.val(values.kind).as('kind'),
                  select.val(values.key).as('key'),
                  select.val('waiting' as const).as('state')
                ])
                .where('workspace_id', '=', values.workspace_id)
                .where('type', '=', values.type)
                .where('value', '=', values.value)
                .where(isOwner)
            )
          ),
        { expect: 1 }
      )
    },

    /** For who waits already: undoes the commit where the owner that was seen let go meanwhile. */
    stillOwned(owner: ContactOwner, contact: Contact): Write {
      return write(
        db
          .updateTable('contacts')
          .set({ state: 'owner' })
          .where('workspace_id', '=', owner.workspaceId)
          .where('type', '=', contact.type)
          .where('value', '=', contact.value)
          .where('customer_key', '=', owner.customerKey)
          .where('kind', '=', owner.kind)
          .where('key', '=', owner.key)
          .where(isOwner),
        { expect: 1 }
      )
    },

    /**
     * No longer wants it. Whoever waits is drawn again.
     * @param seen what the decision rests upon: where the guest's row has moved on since, nothing is released
     */
    release(
      lane: Lane,
      guest: ResourceRef,
      contact: Contact,
      seen: Partial<Pick<ResourceRow, 'revision' | 'offered'>> = {}
    ): Write[] {
      const sameGuest = db
        .selectFrom('resources')
        .select('key')
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .where('kind', '=', guest.kind)
        .where('key', '=', guest.key)
      const asSeen = Object.entries(seen) as ['revision' | 'offered', number][]
      const stillSo = asSeen.reduce((rows, [name, value]) => rows.where(name, '=', value), sameGuest)
      const gone = deleteOf(lane, guest, contact)
      return [
        write(asSeen.length === 0 ? gone : gone.where(eb => eb.exists(stillSo))),
        redrawEach(
          db,
          db
            .selectFrom('contacts')
            .select(['workspace_id', 'customer_key', 'kind', 'key'])
            .where('workspace_id', '=', lane.workspaceId)
            .where('type', '=', contact.type)
            .where('value', '=', contact.value)
            .where('state', '=', 'waiting')
        )
      ]
    }
  }
}
