import type { Selectable } from 'kysely'
import { type Kind, kindNames, kinds, type NamedRole } from '../model/kind.ts'
import { keyOwnersOf } from './key-owners.ts'
import { inParts } from './parts.ts'
import { primaryKeyOf, type ResourcePrimaryKey } from './primary-key.ts'
import { redrawsOf } from './redraws.ts'
import { searchWordsOf } from './search-words.ts'
import { stayNamesOf } from './stay-names.ts'
import type { Store } from './store.ts'
import type { BookingsTable, ChangeLogTable, ResourcesTable } from './tables.ts'
import { prepare, type Write } from './write.ts'

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

export interface ResourceRef {
  kind: Kind
  key: string
}

export type ResourceRow = Selectable<ResourcesTable>
export type BookingRow = Selectable<BookingsTable>

/** What the translate side writes of a resource; what sync has settled stays as it is. */
export type DesiredRow = Omit<
  ResourceRow,
  'synced_revision' | 'buried_revision' | 'buried_reason' | 'buried_at' | 'offered' | 'named_at_seam'
>

export type Resources = ReturnType<typeof resourcesOf>

export function resourcesOf(store: Store) {
  const { db } = store
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

  const markOffered = prepare<ResourcePrimaryKey>(row =>
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
    ...stayNamesOf(store),
    ...keyOwnersOf(store),
    ...redrawsOf(store),

    async byRef(lane: Lane, refs: ResourceRef[]): Promise<ResourceRow[]> {
      const kinds = [...new Set(refs.map(ref => ref.kind))]
      const keys = [...new Set(refs.map(ref => ref.key))]
      return inParts(keys, part => inLane(lane).where('kind', 'in', kinds).where('key', 'in', part).execute())
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

    /** Under whatever key and kind: the places, or the guests, that a connection knows by these ids of the platform. */
    async bySource(
      lane: Lane,
      connectionId: string,
      role: NamedRole,
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

    /** Seam may hold it although the relay has never sent it. */
    mayBeAtSeam(lane: Lane, ref: ResourceRef): Write {
      return markOffered([primaryKeyOf(lane, ref)])
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
