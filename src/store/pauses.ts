import { type ExpressionBuilder, type Kysely, type Selectable, sql } from 'kysely'
import { type Page, pageOf } from './page.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import type { PausesTable, Tables } from './tables.ts'
import { resultsOf, type Write, write } from './write.ts'

/** What rests: what is not of its subject is an empty text. */
export type Paused = Pick<PausesTable, 'subject' | 'connection_id' | 'workspace_id' | 'customer_key'>

export type Pause = Selectable<PausesTable>

type Db = Pick<Kysely<Tables>, 'selectFrom'>

/** In the statements that claim work, so that a pause holds in every process from its commit on. */
export function pausedConnections(db: Db) {
  return db.selectFrom('pauses').select('connection_id').where('subject', '=', 'connection')
}

/**
 * Whether a lane rests, for its own sake or its workspace's. The customer's pause is looked up for each lane: SQLite reads all
 * of a list of pairs for each of them, and PostgreSQL would join, and no longer read the lanes in their order.
 */
export function isLanePaused(db: Db) {
  return (eb: ExpressionBuilder<Tables, 'lanes'>) => {
    const workspaces = db.selectFrom('pauses').select('workspace_id').where('subject', '=', 'workspace')
    const own = eb
      .selectFrom('pauses')
      .select('id')
      .where('subject', '=', 'customer')
      .where('connection_id', '=', '')
      .whereRef('pauses.workspace_id', '=', 'lanes.workspace_id')
      .whereRef('pauses.customer_key', '=', 'lanes.customer_key')
    return eb.or([eb('lanes.workspace_id', 'in', workspaces), eb(own, 'is not', null)])
  }
}

/** A text that is another one as soon as other connections are paused; null where none is. Ids grow with time. */
export function connectionsPausedNow(db: Db) {
  return db
    .selectFrom('pauses')
    .select(sql<string | null>`max(id) || ' ' || count(*)`.as('now'))
    .where('subject', '=', 'connection')
}

export type Pauses = ReturnType<typeof pausesOf>

/** What rests on purpose, until somebody resumes it. */
export function pausesOf(store: Store) {
  const { db } = store
  return {
    /** @returns the pause; the one that there was where it rests already */
    async begin(pause: Pause, also: Write[]): Promise<Pause> {
      const insert = db
        .insertInto('pauses')
        .values(pause)
        .onConflict(conflict =>
          conflict
            .columns(['subject', 'connection_id', 'workspace_id', 'customer_key'])
            // Nothing is new, and a row comes back.
            .doUpdateSet(eb => ({ since: eb.ref('pauses.since') }))
        )
        .returningAll()
      const [begun] = resultsOf(await store.commit([write(insert), ...also]))
      return begun?.rows[0] as unknown as Pause
    },

    /** @returns whether there was such a pause; what else was to be committed is undone where there was none */
    async end(id: string, also: Write[]): Promise<boolean> {
      const gone = write(db.deleteFrom('pauses').where('id', '=', id), { expect: 1 })
      return (await store.commit([gone, ...also])).committed
    },

    /** Every one; there are few. */
    async all(): Promise<Pause[]> {
      return db.selectFrom('pauses').selectAll().orderBy('id').execute()
    },

    /** In the order in which they began. */
    async list(after: string | undefined, limit: number): Promise<Page<Pause>> {
      const rows = await db
        .selectFrom('pauses')
        .selectAll()
        .$if(after !== undefined, query => query.where('id', '>', String(after)))
        .orderBy('id')
        .limit(limit + 1)
        .execute()
      return pageOf(rows, limit, row => row.id)
    }
  }
}

/** What keeps a customer from being sent: its own pause rather than its workspace's. */
export function pauseOfLane(pauses: Pause[], { workspaceId, customerKey }: Lane): Pause | undefined {
  const within = pauses.filter(each => each.workspace_id === workspaceId)
  return (
    within.find(each => each.subject === 'customer' && each.customer_key === customerKey) ??
    pauseOfWorkspace(pauses, workspaceId)
  )
}

export function pauseOfWorkspace(pauses: Pause[], workspaceId: string): Pause | undefined {
  return pauses.find(each => each.subject === 'workspace' && each.workspace_id === workspaceId)
}

export function pauseOfConnection(pauses: Pause[], connectionId: string): Pause | undefined {
  return pauses.find(each => each.subject === 'connection' && each.connection_id === connectionId)
}
