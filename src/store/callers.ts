import type { Selectable } from 'kysely'
import type { Caller, Scope } from '../model/caller.ts'
import type { Store } from './store.ts'
import type { ApiKeysTable } from './tables.ts'
import { resultsOf, write } from './write.ts'

export interface ApiKey extends Caller {
  hash: string
  /** ms since 1970, like all times here. */
  createdAt: number
  revokedAt: number | undefined
  lastUsedAt: number | undefined
}

export type ApiKeys = ReturnType<typeof apiKeysOf>

/** Keys of internal services. The key itself is never here. */
export function apiKeysOf(store: Store) {
  const { db } = store
  return {
    /** Every key there ever was, oldest first. */
    async list(): Promise<ApiKey[]> {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id').execute()
      return rows.map(apiKeyOf)
    },

    async create(key: ApiKey): Promise<void> {
      const values = {
        id: key.id,
        name: key.name,
        hash: key.hash,
        workspace_id: key.workspaceId ?? null,
        customers: key.customers === undefined ? null : JSON.stringify(key.customers),
        scopes: JSON.stringify(key.scopes),
        strict: key.strict ? 1 : 0,
        created_at: key.createdAt,
        expires_at: key.expiresAt ?? null,
        revoked_at: null,
        last_used_at: null
      } as const
      await store.commit([write(db.insertInto('api_keys').values(values))])
    },

    /** @param which an id or a name @returns how many there were that had not been revoked */
    async revoke(which: string, now: number): Promise<number> {
      const committed = await store.commit([
        write(
          db
            .updateTable('api_keys')
            .set({ revoked_at: now })
            .where('revoked_at', 'is', null)
            .where(eb => eb.or([eb('id', '=', which), eb('name', '=', which)]))
        )
      ])
      return resultsOf(committed).reduce((sum, { changes }) => sum + changes, 0)
    },

    async used(id: string, now: number): Promise<void> {
      await store.commit([write(db.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id))])
    }
  }
}

function apiKeyOf(row: Selectable<ApiKeysTable>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    workspaceId: row.workspace_id ?? undefined,
    customers: row.customers === null ? undefined : JSON.parse(row.customers),
    scopes: JSON.parse(row.scopes) as Scope[],
    strict: row.strict === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined
  }
}
