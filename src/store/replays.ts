import type { Candidate } from '../model/replay-plan.ts'
import { deliveryOfRow } from './delivery-claims.ts'
import { type DeliveryFilter, type ListedDelivery, operateDeliveriesOf } from './operate-deliveries.ts'
import { CAUSE_LENGTH } from './operate-trouble.ts'
import type { Page } from './page.ts'
import { inParts, padded } from './parts.ts'
import type { Store } from './store.ts'
import { forgottenAt, mayRun, mayRunAgain } from './tombstones.ts'

/** Deliveries that are to run again. */
export interface DeliveriesChosen extends DeliveryFilter {
  /** These and no others; type, text and booking are not looked at then. */
  ids?: string[] | undefined
  /** Of one of these connections, for one of these causes; as far as causes of dead and held deliveries tell. */
  causes?: { connectionId: string; cause: string }[] | undefined
}

/** A part of those that were chosen. */
export interface ChosenPage {
  /** Those that may run again, newest first. */
  ids: string[]
  /** Those that are too old for it. */
  tooOld: number
  /** Behind which the next part begins; undefined where nothing more is to come. */
  next: string | undefined
}

/** Rows that one part looks at, at most. */
const MOST_AT_ONCE = 1_000

export type Replays = ReturnType<typeof replaysOf>

/** Which stored deliveries are to run again, in parts, so that nobody waits for a long reading. */
export function replaysOf(store: Store) {
  const { db } = store
  const deliveries = operateDeliveriesOf(store)

  async function rowsOf(
    chosen: DeliveriesChosen,
    before: string,
    limit: number
  ): Promise<Page<ListedDelivery>> {
    const { ids, causes: _causes, ...filter } = chosen
    if (ids === undefined) return deliveries.list(filter, before, limit)
    const left = [...new Set(ids)].filter(id => id < before).sort(byText)
    const part = left.splice(-limit).reverse()
    const rows = part.length === 0 ? [] : await deliveries.some(part)
    const wanted = rows.filter(row => isWithin(filter, row))
    return {
      rows: wanted.sort((a, b) => byText(b.id, a.id)),
      next: left.length > 0 ? part.at(-1) : undefined
    }
  }

  return {
    /**
     * Newest first. What is under way already runs anyway, and is left out unless it is asked for.
     * @param before the last one that was seen, or one that is newer than all
     */
    async part(chosen: DeliveriesChosen, before: string, limit = MOST_AT_ONCE): Promise<ChosenPage> {
      const { rows, next } = await rowsOf(chosen, before, Math.min(limit, MOST_AT_ONCE))
      const areNamed = chosen.ids !== undefined || chosen.state === 'received'
      const wanted = rows.filter(row => (areNamed || row.state !== 'received') && isFor(chosen, row))
      const until = await forgottenAt(store)
      const ids = wanted.filter(row => mayRun(row, until)).map(row => row.id)
      return { ids, tooOld: wanted.length - ids.length, next }
    },

    /** Those of them that may still run again, with all that it takes. */
    async candidates(ids: string[]): Promise<Candidate[]> {
      const rows = await db
        .selectFrom('deliveries')
        .select(['id', 'connection_id', 'platform', 'received_at', 'headers', 'query', 'body', 'facts'])
        .where('id', 'in', padded(ids))
        .where(mayRunAgain)
        .execute()
      return rows.map(deliveryOfRow)
    },

    /** Those of them that have not come to their end. */
    async underWay(ids: string[]): Promise<string[]> {
      const rows = await inParts(ids, part =>
        db
          .selectFrom('deliveries')
          .select('id')
          .where('id', 'in', part)
          .where('state', '=', 'received')
          .execute()
      )
      return [...new Set(rows.map(row => row.id))]
    }
  }
}

function isWithin({ connectionId, state, since, until }: DeliveryFilter, row: ListedDelivery): boolean {
  const { connection_id, received_at } = row
  return (
    (connectionId === undefined || connection_id === connectionId) &&
    (state === undefined || row.state === state) &&
    (since === undefined || received_at >= since) &&
    (until === undefined || received_at < until)
  )
}

function isFor({ causes }: DeliveriesChosen, row: ListedDelivery): boolean {
  if (causes === undefined) return true
  return causes.some(each => each.connectionId === row.connection_id && each.cause === causeOf(row))
}

/** Of a dead delivery its error, of a held one the reason of the first event that is. */
export function causeOf({
  state,
  last_error,
  outcome
}: Pick<ListedDelivery, 'state' | 'last_error' | 'outcome'>) {
  if (state !== 'held') return [...(last_error ?? '')].slice(0, CAUSE_LENGTH).join('')
  const events: { outcome: string; reason?: string }[] = outcome === null ? [] : JSON.parse(outcome)
  return events.find(each => each.outcome === 'held')?.reason ?? ''
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
