import type { Store } from './store.ts'
import { write } from './write.ts'

/** What a call was answered, where that was not the plain `ok`. */
export interface KeptAnswer {
  status: number
  body: string
}

export type Answers = ReturnType<typeof answersOf>

/** Answers to calls with an idempotency key, to be given again. */
export function answersOf(store: Store) {
  const { db } = store
  return {
    async get(deliveryId: string): Promise<KeptAnswer | undefined> {
      return db
        .selectFrom('answers')
        .select(['status', 'body'])
        .where('delivery_id', '=', deliveryId)
        .executeTakeFirst()
    },

    /** Those from before `forgetBefore` are let go on the way. */
    async keep(
      deliveryId: string,
      { status, body }: KeptAnswer,
      at: number,
      forgetBefore: number
    ): Promise<void> {
      await store.commit([
        write(db.deleteFrom('answers').where('at', '<', forgetBefore)),
        // The same call may be under way at another relay too, which came to its answer first.
        write(
          db
            .insertInto('answers')
            .values({ delivery_id: deliveryId, status, body, at })
            .onConflict(conflict => conflict.doNothing())
        )
      ])
    }
  }
}
