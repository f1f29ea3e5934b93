import type { Selectable } from 'kysely'
import type { Store } from './store.ts'
import type { SessionsTable } from './tables.ts'
import { type Write, write } from './write.ts'

export type Session = Selectable<SessionsTable>

export type Sessions = ReturnType<typeof sessionsOf>

/** Who is signed in to the dashboard, for all relays on the store. */
export function sessionsOf(store: Store) {
  const { db } = store
  const ended = (hash: string): Write => write(db.deleteFrom('sessions').where('hash', '=', hash))

  return {
    /**
     * On disk when it answers.
     * @param noted the entry of the audit log @param former of whoever signs in again: it ends
     */
    async begin(session: Session, noted: Write, former: string | undefined): Promise<void> {
      await store.commit([
        write(db.insertInto('sessions').values(session)),
        noted,
        ...(former === undefined ? [] : [ended(former)])
      ])
    },

    async find(hash: string, now: number): Promise<Session | undefined> {
      return db
        .selectFrom('sessions')
        .selectAll()
        .where('hash', '=', hash)
        .where('expires_at', '>', now)
        .executeTakeFirst()
    },

    async end(hash: string): Promise<void> {
      await store.commit([ended(hash)])
    }
  }
}
