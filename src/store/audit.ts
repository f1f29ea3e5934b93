import type { Selectable } from 'kysely'
import { type Page, pageOf } from './page.ts'
import type { Store } from './store.ts'
import type { AuditTable } from './tables.ts'
import { type Write, write } from './write.ts'

export type AuditEntry = Selectable<AuditTable>

export type Audit = ReturnType<typeof auditOf>

/** Who did what, for as long as there is the store. */
export function auditOf(store: Store) {
  const { db } = store
  /** For the commit that does what it tells of. */
  const entry = (row: AuditEntry): Write => write(db.insertInto('audit').values(row))

  return {
    entry,

    /** By itself, where there is no commit to go with. On disk when it answers. @throws RelayError RELAY_STORE_UNAVAILABLE */
    async keep(made: Write): Promise<void> {
      await store.commit([made])
    },

    /** Newest first. */
    async list(before: string | undefined, limit: number): Promise<Page<AuditEntry>> {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .$if(before !== undefined, query => query.where('id', '<', String(before)))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return pageOf(rows, limit, row => row.id)
    }
  }
}
