import type { DeliveryState } from '../model/delivery.ts'
import { isOpen, isOpenState } from './delivery-states.ts'
import { padded, partsOf } from './parts.ts'
import type { Store } from './store.ts'
import { inTurn, mayRunAgain } from './tombstones.ts'
import { resultsOf, type Write, write } from './write.ts'

type Which = { ids: string[] } | { connectionId: string; states: DeliveryState[] }

/** A delivery as if it had just come. */
const again = { state: 'received', attempts: 0, done_at: null, last_error: null } as const

/** Many at once go when there is nothing else to do, or after this time, ms. */
const BEHIND_MS = 3_600_000

/** Which stored deliveries run again, and which cannot any more. */
export function deliveryRerunsOf(store: Store) {
  const { db } = store

  /**
   * Lets these run again, save those that are too old for it. In a commit that begins with {@link inTurn}.
   * @param areMany whether they go behind what comes in meanwhile
   */
  function runAgain(ids: string[], now: number, areMany = false): Write {
    const place = areMany ? behindOthers(now) : { ...again, due_at: now, turn: now }
    return write(db.updateTable('deliveries').set(place).where(mayRunAgain).where('id', 'in', padded(ids)))
  }

  /**
   * Lets stored deliveries run again, save those that are too old for it: see {@link spent}.
   * @param which by id, or all of a connection in given states
   * @returns how many
   */
  async function replay(which: Which, now: number): Promise<number> {
    const committed = await store.commit([
      inTurn(store),
      'ids' in which
        ? runAgain(which.ids, now)
        : write(
            db
              .updateTable('deliveries')
              .where(mayRunAgain)
              .set(behindOthers(now))
              .where('connection_id', '=', which.connectionId)
              .where('state', 'in', which.states)
              .$if(which.states.every(isOpenState), open => open.where(isOpen))
          )
    ])
    return resultsOf(committed)
      .slice(1)
      .reduce((sum, { changes }) => sum + changes, 0)
  }

  /**
   * Those of them that cannot run again: what they carried is not kept any more, or what was deleted since they came, so
   * that they would bring it back.
   */
  const spentAmong = (which: Which) => {
    const spent = db.selectFrom('deliveries').where(eb => eb.not(mayRunAgain))
    return 'ids' in which
      ? spent.where('id', 'in', which.ids)
      : spent.where('connection_id', '=', which.connectionId).where('state', 'in', which.states)
  }

  async function spent(ids: string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const rows = await spentAmong({ ids }).select('id').execute()
    return rows.map(row => row.id)
  }

  async function countSpent(connectionId: string, states: DeliveryState[]): Promise<number> {
    const row = await spentAmong({ connectionId, states })
      .select(db.fn.countAll<number>().as('deliveries'))
      .executeTakeFirstOrThrow()
    return row.deliveries
  }

  /** Another try for what these connections hold. */
  function releaseHeld(connectionIds: string[], now: number): Write[] {
    return partsOf(connectionIds).map(part =>
      write(
        db
          .updateTable('deliveries')
          .set(behindOthers(now))
          .where(isOpen)
          .where('state', '=', 'held')
          .where('connection_id', 'in', part)
      )
    )
  }

  /** Everything that a connection told and was taken into the desired state, once more. */
  function tellAgain(connectionId: string, now: number): Write {
    return write(
      db
        .updateTable('deliveries')
        .set(behindOthers(now))
        .where('connection_id', '=', connectionId)
        .where('state', '=', 'translated')
        .where(mayRunAgain)
    )
  }

  return { runAgain, replay, spent, countSpent, releaseHeld, tellAgain }
}

/** Many deliveries, to be looked at again when those that come now leave room. */
function behindOthers(now: number) {
  return { ...again, due_at: now, turn: now + BEHIND_MS }
}
