import { type Selectable, sql } from 'kysely'
import { stayKinds } from '../model/kind.ts'
import { claimFirstDue } from './first-due.ts'
import type { Store } from './store.ts'
import type { SecondLooksTable } from './tables.ts'
import { number, prepare, text, type Write, write } from './write.ts'

/** What is to be read once more: a booking, with the delivery that spoke of it last, or a delivery alone. */
export interface SecondLook {
  connectionId: string
  /** The booking's id, or the delivery's where it speaks of none or of several. */
  subject: string
  deliveryId: string
}

export interface ClaimedLook extends SecondLook {
  leaseToken: number
  /** Looks that failed before this one. */
  failures: number
}

export type SecondLooks = ReturnType<typeof secondLooksOf>

/** Which deliveries are read once more, and when. */
export function secondLooksOf(store: Store) {
  const { db } = store

  const insertUnlessNews = prepare<SecondLook & { dueAt: number }>(row => {
    const news = db
      .selectFrom('change_log as news')
      .select('news.id')
      .where('news.delivery_id', '=', row.deliveryId)
      // Names of places and people may be the webhook's own; when and where a stay is, is read.
      .where('news.kind', 'in', stayKinds)
      .where('news.revision', 'is not', null)
      .where(({ and, not, exists, selectFrom, ref }) => {
        const ofTheSame = selectFrom('change_log as each')
          .select('each.id')
          .whereRef('each.workspace_id', '=', 'news.workspace_id')
          .whereRef('each.customer_key', '=', 'news.customer_key')
          .whereRef('each.kind', '=', 'news.kind')
          .whereRef('each.key', '=', 'news.key')
        return and([
          // What was not known before may be as old as one likes.
          exists(ofTheSame.where('each.revision', '<', ref('news.revision'))),
          // What several deliveries brought in one commit stands with each of them, whoever brought it.
          not(
            exists(
              ofTheSame
                .whereRef('each.revision', '=', 'news.revision')
                .whereRef('each.delivery_id', '!=', 'news.delivery_id')
            )
          )
        ])
      })
    // The news may be what is waited for, and what this one tells of not there yet.
    const waiting = db
      .selectFrom('second_looks as waiting')
      .select('waiting.subject')
      .where('waiting.connection_id', '=', row.connectionId)
      .where('waiting.subject', '=', row.subject)
    const look = db
      .selectNoFrom([
        text(row.connectionId).as('connection_id'),
        text(row.subject).as('subject'),
        text(row.deliveryId).as('delivery_id'),
        number(row.dueAt).as('due_at')
      ])
      .where(({ or, not, exists }) => or([not(exists(news)), exists(waiting)]))
    return db
      .insertInto('second_looks')
      .columns(['connection_id', 'subject', 'delivery_id', 'due_at'])
      .expression(look)
      .onConflict(conflict =>
        conflict.columns(['connection_id', 'subject']).doUpdateSet({
          // Where versions are the same, what came in last wins: so must what is read for it.
          delivery_id: sql`case when excluded.delivery_id > second_looks.delivery_id
            then excluded.delivery_id else second_looks.delivery_id end`,
          due_at: sql`excluded.due_at`,
          // Who is just looking has read too early.
          lease_token: sql`second_looks.lease_token + 1`,
          failures: 0
        })
      )
  })

  /**
   * Unless the delivery alone changed a stay that was known before. A look that is waited for is put off in any case. Behind what the
   * delivery brings, in the commit that ends it.
   */
  function wantUnlessNews(look: SecondLook, dueAt: number): Write {
    return insertUnlessNews([{ ...look, dueAt }])
  }

  /** The one that is due longest, leased; none of a connection that is paused. */
  async function claim(now: number, leaseMs: number): Promise<ClaimedLook | undefined> {
    const due = await claimFirstDue(store, 'second_looks', now, row =>
      write(
        db
          .updateTable('second_looks')
          .where(eb => eb.and(held(lookOf(row))))
          .set({ due_at: now + leaseMs, lease_token: row.lease_token + 1 })
      )
    )
    return due && { ...lookOf(due), leaseToken: due.lease_token + 1 }
  }

  /** Another try at `dueAt`. */
  function postpone(look: ClaimedLook, dueAt: number, failures: number): Write {
    return write(
      db
        .updateTable('second_looks')
        .where(eb => eb.and(held(look)))
        .set({ due_at: dueAt, failures })
    )
  }

  /** It was looked at, or is not worth it any more. */
  function forget(look: ClaimedLook): Write {
    return write(db.deleteFrom('second_looks').where(eb => eb.and(held(look))))
  }

  return { wantUnlessNews, claim, postpone, forget }
}

function lookOf(row: Selectable<SecondLooksTable>): ClaimedLook {
  return {
    connectionId: row.connection_id,
    subject: row.subject,
    deliveryId: row.delivery_id,
    leaseToken: row.lease_token,
    failures: row.failures
  }
}

/** The row of a look, for whoever has its lease. */
function held({ connectionId, subject, leaseToken }: ClaimedLook) {
  return { connection_id: connectionId, subject, lease_token: leaseToken }
}
