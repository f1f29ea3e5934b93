import type { Selectable } from 'kysely'
import type { DeliveryState } from '../model/delivery.ts'
import { firstIdAt } from '../model/ids.ts'
import { stayKinds } from '../model/kind.ts'
import { isOpen, isOpenState, isReceived } from './delivery-states.ts'
import { dialectOf } from './dialect.ts'
import { type Page, pageOf } from './page.ts'
import { inParts, padded } from './parts.ts'
import { beginsWith } from './ranges.ts'
import type { Store } from './store.ts'
import type { DeliveriesTable } from './tables.ts'

/** What of deliveries is asked for; everything that is told has to hold. */
export interface DeliveryFilter {
  connectionId?: string | undefined
  state?: DeliveryState | undefined
  /** Of one of its events. */
  type?: string | undefined
  /** Received at or after, ms since 1970. */
  since?: number | undefined
  /** Received before. */
  until?: number | undefined
  /** What told of this booking; see {@link BookingNames}. */
  booking?: BookingNames | undefined
  /** How the delivery's own id, or the platform's, begins. */
  text?: string | undefined
}

/** A booking by whatever may be its name. */
export interface BookingNames {
  /** As it stands, and behind each connection's prefix. */
  keys: string[]
  /** Whose bookings these may be. */
  lanes: { workspaceId: string; customerKey: string }[]
  workspaces: string[]
}

/** Deliveries that one page looks at, at most: what a filter without an index costs, however many there are. */
const MOST_EXAMINED = 5_000
/** So many that are under way, or that a text or a booking names, are sorted in memory. */
const MOST_CANDIDATES = 10_000

const listed = [
  'id',
  'connection_id',
  'platform',
  'dedupe_key',
  'received_at',
  'state',
  'due_at',
  'attempts',
  'outcome',
  'last_error',
  'done_at',
  'emptied'
] as const

export type OperateDeliveries = ReturnType<typeof operateDeliveriesOf>
export type ListedDelivery = Pick<Selectable<DeliveriesTable>, (typeof listed)[number]>

/** Deliveries as operators look for them. */
export function operateDeliveriesOf(store: Store) {
  const { db } = store
  const dialect = dialectOf(store)

  /** Those that an index finds, newest first. */
  function indexed(filter: DeliveryFilter, before: string | undefined, among: string[] | undefined) {
    const { connectionId, state, since, until } = filter
    return db
      .selectFrom('deliveries')
      .$if(among !== undefined, query => query.where('id', 'in', padded(among as string[])))
      .$if(connectionId !== undefined, query => query.where('connection_id', '=', String(connectionId)))
      .$if(isOpenState(state), query => query.where(isOpen).where('state', '=', state as DeliveryState))
      .$if(since !== undefined, query => query.where('id', '>=', firstIdAt(Number(since))))
      .$if(until !== undefined, query => query.where('id', '<', firstIdAt(Number(until))))
      .$if(before !== undefined, query => query.where('id', '<', String(before)))
      .orderBy('id', 'desc')
  }

  /**
   * Newest first. A page may hold fewer than asked for, or nothing, although there are more: it looks at so many
   * deliveries and no more.
   */
  async function list(
    filter: DeliveryFilter,
    before: string | undefined,
    limit: number
  ): Promise<Page<ListedDelivery>> {
    const { state, type } = filter
    const named = await namedBy(filter)
    const among = named
      ?.filter(id => before === undefined || id < before)
      .sort((a, b) => (a < b ? 1 : -1))
      .slice(0, MOST_EXAMINED)
    if (among?.length === 0) return { rows: [], next: undefined }
    // What no index tells of is looked for among those that one finds.
    const siftedBy = isOpenState(state) ? undefined : state
    const isSifted = type !== undefined || siftedBy !== undefined
    const window = indexed(filter, before, among).limit(isSifted ? MOST_EXAMINED : limit + 1)
    const rows = await db
      .selectFrom(window.select(listed).as('seen'))
      .selectAll()
      .$if(siftedBy !== undefined, query => query.where('state', '=', siftedBy as DeliveryState))
      .$if(type !== undefined, query =>
        query.where(dialect.contains('outcome', `"type":${JSON.stringify(type)},`))
      )
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    if (rows.length > limit) return pageOf(rows, limit, row => row.id)
    const examinedAll = among?.length === MOST_EXAMINED ? among.at(-1) : undefined
    return { rows, next: (isSifted ? await endOf(window) : undefined) ?? examinedAll }
  }

  /** Where looking came to its end before the deliveries did. */
  async function endOf(window: ReturnType<typeof indexed>): Promise<string | undefined> {
    const last = await db
      .selectFrom(window.select('id').as('seen'))
      .select(({ fn }) => [fn.countAll<number>().as('examined'), fn.min('id').as('id')])
      .executeTakeFirst()
    return last?.examined === MOST_EXAMINED ? last.id : undefined
  }

  /** Ids of those that a text, a booking or being under way names; undefined where nothing does. */
  async function namedBy(filter: DeliveryFilter): Promise<string[] | undefined> {
    const { text, booking, state } = filter
    if (text !== undefined) return byText(text)
    if (booking !== undefined) return ofBooking(booking)
    if (state !== 'received') return undefined
    const waiting = await db
      .selectFrom('deliveries')
      .select('id')
      .where(isReceived)
      .orderBy('turn')
      .limit(MOST_CANDIDATES + 1)
      .execute()
    // Where very many are under way, they are the newest, and looking from the new end finds them.
    return waiting.length > MOST_CANDIDATES ? undefined : waiting.map(row => row.id)
  }

  async function byText(text: string): Promise<string[]> {
    const own = db.selectFrom('deliveries').select('id').where(beginsWith('id', text)).orderBy('id', 'desc')
    const connections = await db.selectFrom('connections').select('id').execute()
    const theirs = await inParts(
      connections.map(each => each.id),
      part =>
        db
          .selectFrom('deliveries')
          .select('id')
          .where('connection_id', 'in', part)
          .where('dedupe_key', 'is not', null)
          .where(beginsWith('dedupe_key', text))
          .limit(MOST_CANDIDATES)
          .execute()
    )
    const found = [...(await own.limit(MOST_CANDIDATES).execute()), ...theirs]
    return [...new Set(found.map(row => row.id))]
  }

  /** What told of a booking's stays, and of the booking itself where it has none. */
  async function ofBooking({ keys, lanes, workspaces }: BookingNames): Promise<string[]> {
    const stays = new Set(keys)
    for (const lane of lanes) {
      const rows = await db
        .selectFrom('resources')
        .select('key')
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .where('booking', 'in', padded(keys))
        .execute()
      for (const row of rows) stays.add(row.key)
    }
    const ids: string[] = []
    for (const workspaceId of workspaces) {
      const rows = await inParts([...stays], part =>
        db
          .selectFrom('change_log')
          .select('delivery_id')
          .where('workspace_id', '=', workspaceId)
          .where('kind', 'in', stayKinds)
          .where('key', 'in', part)
          .orderBy('id', 'desc')
          .limit(MOST_CANDIDATES)
          .execute()
      )
      ids.push(...rows.map(row => row.delivery_id))
    }
    return [...new Set(ids)]
  }

  return {
    list,

    /** All that is kept of it. */
    async whole(id: string) {
      return db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst()
    },

    /** Those of them that there still are. */
    async some(ids: string[]) {
      return inParts(ids, part =>
        db.selectFrom('deliveries').select(listed).where('id', 'in', part).execute()
      )
    },

    /** What it told, one thing at a time, in order; of several runs all. @param limit so many and no more */
    async changes(id: string, limit: number) {
      return db
        .selectFrom('change_log')
        .selectAll()
        .where('delivery_id', '=', id)
        .orderBy('id')
        .limit(limit)
        .execute()
    }
  }
}
