import type { Expression, Kysely, OnConflictBuilder, Selectable } from 'kysely'
import { primaryKeyOf, type ResourcePrimaryKey } from './primary-key.ts'
import type { Lane, ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import type { RerendersTable, Tables } from './tables.ts'
import { prepare, type Write, write } from './write.ts'

/** A resource that waits to be drawn again. */
export interface Redraw extends ResourceRef {
  /** Counts how often it was asked for: whoever draws takes off only what was asked for by then. */
  asked: number
}

/** Every row that a query finds is to be drawn again. @param rows workspace, customer, kind and key */
export function redrawEach(db: Kysely<Tables>, rows: Expression<unknown>): Write {
  return write(
    db
      .insertInto('rerenders')
      .columns(['workspace_id', 'customer_key', 'kind', 'key'])
      .expression(rows)
      .onConflict(askedAgain)
  )
}

/** Where it waits already, it is asked for once more. */
function askedAgain(conflict: OnConflictBuilder<Tables, 'rerenders'>) {
  return conflict
    .columns(['workspace_id', 'customer_key', 'kind', 'key'])
    .doUpdateSet(eb => ({ asked: eb('rerenders.asked', '+', 1) }))
}

/** The queue of what is to be drawn again. */
export function redrawsOf(store: Store) {
  const { db } = store

  const insertRedraw = prepare<ResourcePrimaryKey>(row =>
    db
      .insertInto('rerenders')
      .values({
        workspace_id: row.workspace_id,
        customer_key: row.customer_key,
        kind: row.kind,
        key: row.key
      })
      .onConflict(askedAgain)
  )

  const deleteRedraw = prepare<Selectable<RerendersTable>>(row =>
    db
      .deleteFrom('rerenders')
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
      .where('asked', '=', row.asked)
  )

  return {
    /** Rows that wait to be drawn again, at most `limit`. @param except of these lanes none */
    async toRedraw(limit: number, except: Lane[] = []): Promise<(Lane & Redraw)[]> {
      const waiting = except.reduce(
        (query, lane) =>
          query.where(eb =>
            eb.or([eb('workspace_id', '!=', lane.workspaceId), eb('customer_key', '!=', lane.customerKey)])
          ),
        db.selectFrom('rerenders').selectAll().limit(limit)
      )
      const rows = await waiting.execute()
      return rows.map(row => ({
        workspaceId: row.workspace_id,
        customerKey: row.customer_key,
        kind: row.kind,
        key: row.key,
        asked: row.asked
      }))
    },

    /** Stays of other customers that name this place by its key are drawn again: from now on it is somebody's. */
    redrawNamingElsewhere(lane: Lane, key: string): Write {
      const others = db
        .selectFrom('lanes')
        .select('lanes.customer_key')
        .where('lanes.workspace_id', '=', lane.workspaceId)
        .where('lanes.customer_key', '!=', lane.customerKey)
      return redrawEach(
        db,
        db
          .selectFrom('stay_names')
          .select(['workspace_id', 'customer_key', 'stay_kind', 'stay_key'])
          .where('workspace_id', '=', lane.workspaceId)
          // Customer by customer, for the index.
          .where('customer_key', 'in', others)
          .where('ref', '=', 'place')
          .where('ref_key', '=', key)
      )
    },

    /** Those that somebody has asked for once more meanwhile wait on. */
    redrawn(lane: Lane, redraws: Redraw[]): Write {
      return deleteRedraw(redraws.map(each => ({ ...primaryKeyOf(lane, each), asked: each.asked })))
    },

    /** To be drawn again, soon. */
    redraw(lane: Lane, refs: ResourceRef[]): Write {
      return insertRedraw(refs.map(ref => primaryKeyOf(lane, ref)))
    },

    /** Everything of a connection is to be drawn again: its settings changed. */
    redrawConnection(connectionId: string): Write {
      return redrawEach(
        db,
        db
          .selectFrom('resources')
          .select(['workspace_id', 'customer_key', 'kind', 'key'])
          .where('connection_id', '=', connectionId)
      )
    }
  }
}
