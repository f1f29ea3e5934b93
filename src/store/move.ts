import { type ExpressionBuilder, sql } from 'kysely'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import { type Write, write } from './write.ts'

/**
 * Where a connection's customer or workspace changed before anything of it was sent: what was worked out for the former
 * one is forgotten. Its deliveries have to be taken in again.
 * @returns what undoes its commit where something of it is sent meanwhile; undefined where nothing has moved
 * @throws RelayError RELAY_CONFIG_INVALID where Seam may hold something: it would stay there for ever, doors open
 */
export async function forgetFormer(store: Store, connection: Connection): Promise<Write[] | undefined> {
  const { db } = store
  const isElsewhere = (eb: ExpressionBuilder<Tables, 'resources'>) =>
    eb.and([
      eb('resources.connection_id', '=', connection.id),
      eb.or([
        eb('resources.workspace_id', '!=', connection.workspaceId),
        eb('resources.customer_key', '!=', connection.customerKey)
      ])
    ])
  const former = await db
    .selectFrom('resources')
    .select(['workspace_id', 'customer_key'])
    .where(isElsewhere)
    .orderBy('offered', 'desc')
    .select('offered')
    .limit(1)
    .executeTakeFirst()
  if (former === undefined) return undefined
  if (former.offered === 1) {
    throw new RelayError(
      'RELAY_CONFIG_INVALID',
      `resources of connection ${connection.id} were sent to Seam under customer ${former.customer_key} in workspace ` +
        `${former.workspace_id} and may be there; give the connection a new id to push under another customer or workspace`
    )
  }
  const ofIt = (table: string, kind: string, key: string) =>
    db
      .selectFrom('resources')
      .select(sql.lit(1).as('one'))
      .where(isElsewhere)
      .whereRef('resources.workspace_id', '=', sql.ref(`${table}.workspace_id`))
      .whereRef('resources.customer_key', '=', sql.ref(`${table}.customer_key`))
      .whereRef('resources.kind', '=', sql.ref(`${table}.${kind}`))
      .whereRef('resources.key', '=', sql.ref(`${table}.${key}`))
  const formerLanes = db
    .selectFrom('resources')
    .select(['resources.workspace_id', 'resources.customer_key'])
    .where(isElsewhere)
  return [
    // Whoever sends something of them has the lane first: so it is seen below, or knows that it is gone.
    write(
      db
        .updateTable('lanes')
        .set(eb => ({ revision: eb('revision', '+', 1) }))
        .where(eb =>
          eb(
            eb.refTuple('workspace_id', 'customer_key'),
            'in',
            formerLanes.$asTuple('workspace_id', 'customer_key')
          )
        )
    ),
    write(formerLanes.where('offered', '=', 1).limit(1), { expect: 0 }),
    write(db.deleteFrom('stay_names').where(eb => eb.exists(ofIt('stay_names', 'stay_kind', 'stay_key')))),
    write(db.deleteFrom('contacts').where(eb => eb.exists(ofIt('contacts', 'kind', 'key')))),
    write(db.deleteFrom('rerenders').where(eb => eb.exists(ofIt('rerenders', 'kind', 'key')))),
    write(db.deleteFrom('search_words').where(eb => eb.exists(ofIt('search_words', 'kind', 'key')))),
    write(
      db
        .deleteFrom('bookings')
        .where('connection_id', '=', connection.id)
        .where(eb =>
          eb.or([
            eb('workspace_id', '!=', connection.workspaceId),
            eb('customer_key', '!=', connection.customerKey)
          ])
        )
    ),
    write(db.deleteFrom('resources').where(isElsewhere))
  ]
}
