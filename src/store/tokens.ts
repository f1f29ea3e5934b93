import type { Store } from './store.ts'
import { write } from './write.ts'

export type Tokens = ReturnType<typeof tokensOf>

/** Tokens of platforms' APIs: some platforms ration them, so they outlive the process. */
export function tokensOf(store: Store) {
  const { db } = store
  return {
    async get(connectionId: string, name: string, now: number): Promise<string | undefined> {
      const row = await db
        .selectFrom('tokens')
        .select('token')
        .where('connection_id', '=', connectionId)
        .where('name', '=', name)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row?.token
    },
    /** Forgets a token that the platform no longer takes; a newer one stays. */
    async drop(connectionId: string, name: string, token: string): Promise<void> {
      await store.commit([
        write(
          db
            .deleteFrom('tokens')
            .where('connection_id', '=', connectionId)
            .where('name', '=', name)
            .where('token', '=', token)
        )
      ])
    },

    async set(connectionId: string, name: string, token: string, expiresAt: number): Promise<void> {
      const values = { connection_id: connectionId, name, token, expires_at: expiresAt }
      await store.commit([
        write(
          db
            .insertInto('tokens')
            .values(values)
            .onConflict(conflict =>
              conflict.columns(['connection_id', 'name']).doUpdateSet({ token, expires_at: expiresAt })
            )
        )
      ])
    }
  }
}
