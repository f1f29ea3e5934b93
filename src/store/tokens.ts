import type { Store } from './store.ts'
import { resultsOf, type Write, write } from './write.ts'

export type Tokens = ReturnType<typeof tokensOf>

/** A token as it is kept; times in ms since 1970. */
export interface KeptToken {
  token: string
  fetchedAt: number
  /** Fetched because the platform refused the one before it. */
  renewed: boolean
}

/**
 * Tokens of platforms' APIs: some platforms ration them, so they outlive the process, and of all relays on the store one
 * fetches them.
 */
export function tokensOf(store: Store) {
  const { db } = store
  return {
    async get(connectionId: string, name: string, now: number): Promise<KeptToken | undefined> {
      const row = await db
        .selectFrom('tokens')
        .select(['token', 'fetched_at', 'renewed'])
        .where('connection_id', '=', connectionId)
        .where('name', '=', name)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row && { token: row.token, fetchedAt: row.fetched_at, renewed: row.renewed === 1 }
    },
    /** @returns whether it is for the asker alone, until then, to fetch a token */
    async lease(connectionId: string, name: string, now: number, until: number): Promise<boolean> {
      const committed = await store.commit([
        write(
          db
            .insertInto('tokens')
            .values({ connection_id: connectionId, name: leaseOf(name), token: '', expires_at: until })
            .onConflict(conflict =>
              conflict
                .columns(['connection_id', 'name'])
                .doUpdateSet({ expires_at: until })
                .where('tokens.expires_at', '<=', now)
            )
        )
      ])
      return resultsOf(committed)[0]?.changes === 1
    },

    /** Whoever had the lease until then has the token, or gets none. Somebody else's lease stays. */
    async release(connectionId: string, name: string, until: number): Promise<void> {
      await store.commit([
        write(
          db
            .deleteFrom('tokens')
            .where('connection_id', '=', connectionId)
            .where('name', '=', leaseOf(name))
            .where('expires_at', '=', until)
        )
      ])
    },

    /** After a start of the only process on the store: whoever was fetching is gone. */
    voidLeases(): Write {
      return write(db.deleteFrom('tokens').where('name', 'like', leaseOf('%')))
    },

    async set(
      connectionId: string,
      name: string,
      { token, fetchedAt, renewed }: KeptToken,
      expiresAt: number
    ): Promise<void> {
      const row = { token, expires_at: expiresAt, fetched_at: fetchedAt, renewed: renewed ? 1 : 0 }
      await store.commit([
        write(
          db
            .insertInto('tokens')
            .values({ connection_id: connectionId, name, ...row })
            .onConflict(conflict => conflict.columns(['connection_id', 'name']).doUpdateSet(row))
        )
      ])
    }
  }
}

/** Beside the token, under a name of its own: releases that know of no leases take none of them for a token. */
function leaseOf(name: string): string {
  return `${name} lease`
}
