import { type Selectable, sql } from 'kysely'
import { type Kind, kindNames, kinds, type Role } from '../model/kind.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { type KeysSpokenOf, keyTurns } from './key-turns.ts'
import { inParts, partsOf } from './parts.ts'
import { redrawsOf } from './redraws.ts'
import { searchWordsOf } from './search-words.ts'
import type { Store } from './store.ts'
import type { BookingsTable, ChangeLogTable, RerendersTable, ResourcesTable } from './tables.ts'
import { prepare, type Write, write } from './write.ts'

/** One customer of one workspace: what is ordered among itself. */
export interface Lane {
  workspaceId: string
  customerKey: string
}

/**
 * Where deletions wait of keys that nobody in the workspace is known to have: they were pushed before the relay was there,
 * or never. No customer is called so, since Seam demands a name.
 */
export function strayLane(workspaceId: string): Lane {
  return { workspaceId, customerKey: '' }
}

/** Who has a key. */
export interface Owner extends ResourceRef {
  customerKey: string
  /** Deleted, and Seam knows it: others may take the key. */
  isGone: boolean
}

export interface ResourceRef {
  kind: Kind
  key: string
}

/** A stay that uses a guest at Seam and names another one too, by its key. */
export interface NamedBesides extends ResourceRef {
  guest_used: string
  ref_key: string
}

export type ResourceRow = Selectable<ResourcesTable>
export type BookingRow = Selectable<BookingsTable>

/** What the translate side writes of a resource; what sync has settled stays as it is. */
export type DesiredRow = Omit<
  ResourceRow,
  'synced_revision' | 'buried_revision' | 'buried_reason' | 'buried_at' | 'offered' | 'named_at_seam'
>

/** As {@link Owner.isGone} tells, in the words of a query. */
const isHad = sql<boolean>`(fields is not null or offered = 1 or upsert_stamp > removed_stamp)`

export type Resources = ReturnType<typeof resourcesOf>

/** People who share an e-mail by the thousand, as of an agency, are looked at no further. */
const MOST_BESIDES = 1_000

/** Of a stay, the kind of the guest that it names. */
const kindOfGuestUsed = (dialect: Dialect) =>
  sql<Kind>`case ${sql.join(
    kindNames
      .filter(kind => kinds[kind].role === 'guest')
      .map(
        kind => sql`when ${dialect.member('fields', kinds[kind].keyField)} is not null then ${sql.lit(kind)}`
      ),
    sql` `
  )} end`

export function resourcesOf(store: Store) {
  const { db } = store
  const kindOf = kindOfGuestUsed(dialectOf(store))
  const turnsOf = keyTurns(store)
  const inLane = (lane: Lane) =>
    db
      .selectFrom('resources')
      .selectAll()
      .where('workspace_id', '=', lane.workspaceId)
      .where('customer_key', '=', lane.customerKey)

  const upsertResource = prepare<DesiredRow>(row =>
    db
      .insertInto('resources')
      .values({
        workspace_id: row.workspace_id,
        customer_key: row.customer_key,
        kind: row.kind,
        key: row.key,
        connection_id: row.connection_id,
        source_id: row.source_id,
        booking: row.booking,
        ...desired(row)
      })
      .onConflict(conflict =>
        conflict.columns(['workspace_id', 'customer_key', 'kind', 'key']).doUpdateSet(eb => ({
          booking: eb.ref('excluded.booking'),
          connection_id: eb.ref('excluded.connection_id'),
          source_id: eb.ref('excluded.source_id'),
          facts: eb.ref('excluded.facts'),
          upsert_stamp: eb.ref('excluded.upsert_stamp'),
          removed_stamp: eb.ref('excluded.removed_stamp'),
          fields: eb.ref('excluded.fields'),
          held: eb.ref('excluded.held'),
          warnings: eb.ref('excluded.warnings'),
          version: eb.ref('excluded.version'),
          revision: eb.ref('excluded.revision'),
          starts_at: eb.ref('excluded.starts_at'),
          guest_used: eb.ref('excluded.guest_used'),
          names: eb.ref('excluded.names'),
          updated_at: eb.ref('excluded.updated_at')
        }))
      )
  )

  const upsertBooking = prepare<BookingRow>(row =>
    db
      .insertInto('bookings')
      .values({
        workspace_id: row.workspace_id,
        customer_key: row.customer_key,
        connection_id: row.connection_id,
        booking: row.booking,
        stamp: row.stamp,
        empty_because: row.empty_because
      })
      .onConflict(conflict =>
        conflict.columns(['workspace_id', 'customer_key', 'booking']).doUpdateSet(eb => ({
          stamp: eb.ref('excluded.stamp'),
          empty_because: eb.ref('excluded.empty_because')
        }))
      )
  )

  const insertName = prepare<{
    workspace_id: string
    customer_key: string
    stay_kind: Kind
    stay_key: string
    ref: 'place' | 'guest'
    ref_key: string
  }>(row =>
    db
      .insertInto('stay_names')
      .values({
        workspace_id: row.workspace_id,
        customer_key: row.customer_key,
        stay_kind: row.stay_kind,
        stay_key: row.stay_key,
        ref: row.ref,
        ref_key: row.ref_key
      })
      .onConflict(conflict => conflict.doNothing())
  )

  const deleteNames = prepare<{
    workspace_id: string
    customer_key: string
    stay_kind: Kind
    stay_key: string
  }>(row =>
    db
      .deleteFrom('stay_names')
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('stay_kind', '=', row.stay_kind)
      .where('stay_key', '=', row.stay_key)
  )

  const markOffered = prepare<Omit<Selectable<RerendersTable>, 'asked'>>(row =>
    db
      .updateTable('resources')
      .set({ offered: 1 })
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
  )

  const insertLog = prepare<Omit<Selectable<ChangeLogTable>, 'id'>>(row =>
    db.insertInto('change_log').values({
      delivery_id: row.delivery_id,
      event_index: row.event_index,
      at: row.at,
      workspace_id: row.workspace_id,
      customer_key: row.customer_key,
      kind: row.kind,
      key: row.key,
      booking: row.booking,
      version: row.version,
      outcome: row.outcome,
      revision: row.revision,
      note: row.note
    })
  )

  return {
    upsert: upsertResource,
    upsertBooking,
    log: insertLog,
    words: searchWordsOf(store).set,
    ...redrawsOf(store),

    async byRef(lane: Lane, refs: ResourceRef[]): Promise<ResourceRow[]> {
      const kinds = [...new Set(refs.map(ref => ref.kind))]
      const keys = [...new Set(refs.map(ref => ref.key))]
      return inParts(keys, part => inLane(lane).where('kind', 'in', kinds).where('key', 'in', part).execute())
    },

    /** Who in the workspace has these keys, or had them before they were deleted; whatever the kind. */
    async owners(workspaceId: string, keys: string[]): Promise<Owner[]> {
      const rows = await inParts(keys, part =>
        db
          .selectFrom('resources')
          .select(['kind', 'key', 'customer_key', 'upsert_stamp', 'removed_stamp', 'fields', 'offered'])
          .where('workspace_id', '=', workspaceId)
          .where('key', 'in', part)
          .where('customer_key', '!=', '')
          .execute()
      )
      return rows.map(row => ({
        kind: row.kind,
        key: row.key,
        customerKey: row.customer_key,
        isGone: row.fields === null && row.offered === 0 && row.upsert_stamp <= row.removed_stamp
      }))
    },

    async ofBookings(lane: Lane, bookings: string[]): Promise<ResourceRow[]> {
      return inParts(bookings, part => inLane(lane).where('booking', 'in', part).execute())
    },

    async bookings(lane: Lane, keys: string[]): Promise<BookingRow[]> {
      return inParts(keys, part =>
        db
          .selectFrom('bookings')
          .selectAll()
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('booking', 'in', part)
          .execute()
      )
    },

    /** The live stays that name a place or a guest. */
    async naming(lane: Lane, ref: 'place' | 'guest', keys: string[]): Promise<ResourceRef[]> {
      return inParts(keys, part =>
        db
          .selectFrom('stay_names')
          .select(['stay_kind as kind', 'stay_key as key'])
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('ref', '=', ref)
          .where('ref_key', 'in', part)
          .execute()
      )
    },

    /** How many stays use each of these guests at Seam. */
    async using(lane: Lane, guestKeys: string[]): Promise<(ResourceRef & { stays: number })[]> {
      return inParts(guestKeys, part =>
        db
          .selectFrom('resources')
          .select(['guest_used as key', kindOf.as('kind'), db.fn.countAll<number>().as('stays')])
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('guest_used', 'in', part)
          .groupBy(['guest_used', kindOf])
          .$narrowType<{ key: string }>()
          .execute()
      )
    },

    /** Whom the stays that use one of these guests at Seam name besides, those told last first. */
    async namedBesides(lane: Lane, guestKeys: string[]): Promise<NamedBesides[]> {
      return inParts(guestKeys, part =>
        db
          .selectFrom('resources')
          .innerJoin('stay_names', join =>
            join
              .onRef('stay_names.workspace_id', '=', 'resources.workspace_id')
              .onRef('stay_names.customer_key', '=', 'resources.customer_key')
              .onRef('stay_names.stay_kind', '=', 'resources.kind')
              .onRef('stay_names.stay_key', '=', 'resources.key')
          )
          .select(['resources.kind', 'resources.key', 'guest_used', 'ref_key'])
          .where('resources.workspace_id', '=', lane.workspaceId)
          .where('resources.customer_key', '=', lane.customerKey)
          .where('guest_used', 'in', part)
          .where('ref', '=', 'guest')
          .whereRef('ref_key', '!=', 'guest_used')
          .orderBy('upsert_stamp', 'desc')
          .limit(MOST_BESIDES)
          .$narrowType<{ guest_used: string }>()
          .execute()
      )
    },

    /** Under whatever key and kind: the places, or the guests, that a connection knows by these ids of the platform. */
    async bySource(
      lane: Lane,
      connectionId: string,
      role: Exclude<Role, 'stay'>,
      sourceIds: string[]
    ): Promise<ResourceRow[]> {
      const kindsOfRole = kindNames.filter(kind => kinds[kind].role === role)
      return inParts(sourceIds, part =>
        inLane(lane)
          .where('booking', 'is', null)
          .where('connection_id', '=', connectionId)
          .where('source_id', 'in', part)
          .where('kind', 'in', kindsOfRole)
          .execute()
      )
    },

    /** A stay's names, anew. */
    names(lane: Lane, stay: ResourceRef, names: { ref: 'place' | 'guest'; key: string }[]): Write[] {
      const gone = deleteNames([
        {
          workspace_id: lane.workspaceId,
          customer_key: lane.customerKey,
          stay_kind: stay.kind,
          stay_key: stay.key
        }
      ])
      if (names.length === 0) return [gone]
      const rows = names.map(name => ({
        workspace_id: lane.workspaceId,
        customer_key: lane.customerKey,
        stay_kind: stay.kind,
        stay_key: stay.key,
        ref: name.ref,
        ref_key: name.key
      }))
      return [gone, insertName(rows)]
    },

    /** Undoes the commit where another customer has come to have one of these keys, whatever the kind. */
    nobodyElseHas(lane: Lane, keys: KeysSpokenOf): Write[] {
      const others = (part: string[]) =>
        db
          .selectFrom('resources')
          .select('key')
          .where('workspace_id', '=', lane.workspaceId)
          .where('key', 'in', part)
          .where('customer_key', 'not in', [lane.customerKey, ''])
          .where(isHad)
          .limit(1)
      return [
        ...turnsOf(lane.workspaceId, keys),
        ...partsOf([...new Set([...keys.made, ...keys.named])]).map(part =>
          write(others(part), { expect: 0 })
        )
      ]
    },

    /** Undoes the commit where a customer has one of these. */
    nobodyHas(stray: Lane, refs: ResourceRef[]): Write[] {
      return [...Map.groupBy(refs, ref => ref.kind)].flatMap(([kind, ofKind]) =>
        partsOf(ofKind.map(ref => ref.key)).map(keys => {
          const had = db
            .selectFrom('resources')
            .select('key')
            .where('workspace_id', '=', stray.workspaceId)
            .where('key', 'in', keys)
            .where('kind', '=', kind)
            .where('customer_key', '!=', stray.customerKey)
          const same = db
            .updateTable('lanes')
            .set(eb => ({ revision: eb.ref('revision') }))
            .where('workspace_id', '=', stray.workspaceId)
            .where('customer_key', '=', stray.customerKey)
            .where(eb => eb.not(eb.exists(had)))
          return write(same, { expect: 1 })
        })
      )
    },

    /** Seam may hold it although the relay has never sent it. */
    mayBeAtSeam(lane: Lane, ref: ResourceRef): Write {
      return markOffered([
        { workspace_id: lane.workspaceId, customer_key: lane.customerKey, kind: ref.kind, key: ref.key }
      ])
    }
  }
}

function desired(row: DesiredRow) {
  return {
    facts: row.facts,
    upsert_stamp: row.upsert_stamp,
    removed_stamp: row.removed_stamp,
    fields: row.fields,
    held: row.held,
    warnings: row.warnings,
    version: row.version,
    revision: row.revision,
    starts_at: row.starts_at,
    guest_used: row.guest_used,
    names: row.names,
    updated_at: row.updated_at
  }
}
