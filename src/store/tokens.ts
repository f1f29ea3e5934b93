import type { Store } from './store.ts'
import { write } from './write.ts'

export type Tokens = ReturnType<typeof tokensOf>

/** A token as it is kept; times in ms since 1970. */
export interface KeptToken {
  token: string
  fetchedAt: number
}

/** Tokens of platforms' APIs: some platforms ration them, so they outlive the process. */
export function tokensOf(store: Store) {
  const { db } = store
  return {
    async get(connectionId: string, name: string, now: number): Promise<KeptToken | undefined> {
      const row = await db
        .selectFrom('tokens')
        .select(['token', 'fetched_at'])
        .where('connection_id', '=', connectionId)
        .where('name', '=', name)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row && { token: row.token, fetchedAt: row.fetched_at }
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

    async set(
      connectionId: string,
      name: string,
      { token, fetchedAt }: KeptToken,
      expiresAt: number
    ): Promise<void> {
      const told = { token, expires_at: expiresAt, fetched_at: fetchedAt }
      await store.commit([
        write(
          db
            .insertInto('tokens')
            .values({ connection_id: connectionId, name, ...told })
            .onConflict(conflict => conflict.columns(['connection_id', 'name']).doUpdateSet(told))
        )
      ])
    }
  }
}
