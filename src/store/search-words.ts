import { primaryKeyOf, type ResourcePrimaryKey } from './primary-key.ts'
import { beginsWith } from './ranges.ts'
import type { Lane, ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import { prepare, type Write } from './write.ts'

export interface Found extends Lane, ResourceRef {}

/** Of the rarest word of a search, so many are looked at. */
const MOST_EXAMINED = 2_000

export type SearchWords = ReturnType<typeof searchWordsOf>

/** By which words people and places are found. */
export function searchWordsOf({ db }: Pick<Store, 'db'>) {
  const forget = prepare<ResourcePrimaryKey>(row =>
    db
      .deleteFrom('search_words')
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
  )
  const insert = prepare<ResourcePrimaryKey & { word: string }>(row =>
    db
      .insertInto('search_words')
      .values({
        workspace_id: row.workspace_id,
        customer_key: row.customer_key,
        kind: row.kind,
        key: row.key,
        word: row.word
      })
      .onConflict(conflict => conflict.doNothing())
  )

  return {
    /** A resource's words, anew. */
    set(lane: Lane, ref: ResourceRef, words: string[]): Write[] {
      const id = primaryKeyOf(lane, ref)
      if (words.length === 0) return [forget([id])]
      return [forget([id]), insert(words.map(word => ({ ...id, word })))]
    },

    /**
     * Those that have words which begin with each of the given ones.
     * @returns at most `limit`; `more` where very many have the words, so that not all could be looked at
     */
    async find(
      workspaceId: string,
      beginnings: string[],
      limit: number
    ): Promise<{ found: Found[]; more: boolean }> {
      // What is long is rare.
      const [rarest = '', ...others] = [...beginnings].sort((a, b) => b.length - a.length)
      const some = db
        .selectFrom('search_words')
        .select(['customer_key', 'kind', 'key'])
        .where('workspace_id', '=', workspaceId)
        .where(beginsWith('word', rarest))
        .orderBy('word')
        .orderBy('customer_key')
        .orderBy('kind')
        .orderBy('key')
        .limit(MOST_EXAMINED)
      const rows = await others
        .reduce(
          (query, word) =>
            query.where(eb =>
              eb.exists(
                eb
                  .selectFrom('search_words as also')
                  .select('also.key')
                  .where('also.workspace_id', '=', workspaceId)
                  .whereRef('also.customer_key', '=', 'some.customer_key')
                  .whereRef('also.kind', '=', 'some.kind')
                  .whereRef('also.key', '=', 'some.key')
                  .where(beginsWith('also.word', word))
              )
            ),
          db.selectFrom(some.as('some')).select(['customer_key', 'kind', 'key']).distinct()
        )
        .limit(limit + 1)
        .execute()
      const examined = await db
        .selectFrom(some.as('some'))
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      const found = rows.slice(0, limit).map(row => ({
        workspaceId,
        customerKey: row.customer_key,
        kind: row.kind,
        key: row.key
      }))
      return { found, more: rows.length > limit || examined.count === MOST_EXAMINED }
    }
  }
}
