import { sql } from 'kysely'
import { HOUR_MS, MINUTE_MS } from '../model/durations.ts'
import { firstIdAt, madeAt } from '../model/ids.ts'
import { endStates } from './delivery-states.ts'
import { inParts } from './parts.ts'
import type { Store } from './store.ts'
import { prepare, type Write, write } from './write.ts'

/** How often something happened. */
export interface Tally {
  what: string
  count: number
}

export interface TallyAt extends Tally {
  /** When its span begins, ms since 1970. */
  at: number
}

export interface ConnectionTally extends Tally {
  connectionId: string
}

/** Whether a tally is of deliveries that have come to their end. */
export function isEnd(what: string): boolean {
  return endStates.some(each => each === what)
}

/** Who counts says so here. */
const ALL = 'all'

type TallyRow = { span: number; at: number; connection_id: string; what: string; count: number }

export type Tallies = ReturnType<typeof talliesOf>

/**
 * What happened, by the minute for all connections and by the hour for each. Counted once a minute is over, from what is
 * stored anyway: taking in a delivery costs nothing more, several processes never wait for each other at one row, what was
 * counted is exact, and a long time is a few rows. Rejected requests alone are counted as they are refused, since only the
 * newest of them are kept.
 */
export function talliesOf(store: Store) {
  const { db } = store

  const insert = prepare<TallyRow>(row =>
    db
      .insertInto('tallies')
      .values({
        span: row.span,
        at: row.at,
        connection_id: row.connection_id,
        what: row.what,
        count: row.count
      })
      .onConflict(conflict =>
        conflict
          .columns(['span', 'at', 'connection_id', 'what'])
          .doUpdateSet(eb => ({ count: eb('tallies.count', '+', eb.ref('excluded.count')) }))
      )
  )

  /** To the minute of all and the hour of each connection. */
  function add(at: number, tallies: ConnectionTally[]): Write {
    const minutes = sumBy(tallies, each => each.what)
    const hours = sumBy(tallies, each => JSON.stringify([each.connectionId, each.what]))
    const rows = [
      ...minutes.map(each => ({
        span: 1,
        at: at - (at % MINUTE_MS),
        connection_id: '',
        what: each.what,
        count: each.count
      })),
      ...hours.map(each => ({
        span: 60,
        at: at - (at % HOUR_MS),
        connection_id: each.connectionId,
        what: each.what,
        count: each.count
      }))
    ]
    // In one order, so that two commits never wait for each other in a circle.
    return insert(rows.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)))
  }

  /** What happened from one time to another, from the store itself. @param connectionIds whose deliveries count */
  async function happened(from: number, until: number, connectionIds: string[]): Promise<ConnectionTally[]> {
    const [first, last] = [firstIdAt(from), firstIdAt(until)]
    const received = await inParts(connectionIds, part =>
      db
        .selectFrom('deliveries')
        .select(({ fn }) => ['connection_id', fn.countAll<number>().as('count')])
        .where('connection_id', 'in', part)
        .where('id', '>=', first)
        .where('id', '<', last)
        .groupBy('connection_id')
        .execute()
    )
    const ended = await db
      .selectFrom('deliveries')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .where('done_at', 'is not', null)
      .where('state', 'in', endStates)
      // In the words of the index deliveries_done.
      .where('emptied', 'in', [0, 1])
      .where('done_at', '>=', from)
      .where('done_at', '<', until)
      .groupBy('state')
      .execute()
    const calls = await db
      .selectFrom('attempts')
      .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
      .where('id', '>=', first)
      .where('id', '<', last)
      .groupBy('status')
      .execute()
    return [
      ...received.map(row => ({ connectionId: row.connection_id, what: 'received', count: row.count })),
      ...ended.map(row => ({ connectionId: '', what: row.state, count: row.count })),
      ...calls.map(row => ({ connectionId: '', what: `call ${row.status ?? 0}`, count: row.count }))
    ]
  }

  return {
    add,
    happened,

    /** Up to when everything was counted; undefined before the first time. */
    async countedUntil(): Promise<number | undefined> {
      const row = await db.selectFrom('tallied').select('until').where('what', '=', ALL).executeTakeFirst()
      return row?.until
    },

    /** When the oldest delivery came; undefined where there is none. */
    async oldest(): Promise<number | undefined> {
      const row = await db.selectFrom('deliveries').select('id').orderBy('id').limit(1).executeTakeFirst()
      return row && madeAt(row.id)
    },

    /** When something happened next, from a time on; undefined where nothing has. */
    async next(from: number): Promise<number | undefined> {
      const first = firstIdAt(from)
      const found = [
        await db
          .selectFrom('deliveries')
          .select('id')
          .where('id', '>=', first)
          .orderBy('id')
          .limit(1)
          .execute(),
        await db.selectFrom('attempts').select('id').where('id', '>=', first).orderBy('id').limit(1).execute()
      ]
      const times = found.flat().map(row => madeAt(row.id))
      // One after the other, as the index deliveries_done has them.
      for (const state of endStates) {
        for (const emptied of [0, 1]) {
          const ended = await db
            .selectFrom('deliveries')
            .select('done_at')
            .where('state', '=', state)
            .where('emptied', '=', emptied)
            .where('done_at', '>=', from)
            .orderBy('done_at')
            .limit(1)
            .execute()
          times.push(...ended.map(row => Number(row.done_at)))
        }
      }
      return times.length === 0 ? undefined : Math.min(...times)
    },

    /** Begins to count at a time, unless somebody has begun. */
    begin(at: number): Write {
      return write(
        db
          .insertInto('tallied')
          .values({ what: ALL, until: at })
          .onConflict(conflict => conflict.doNothing())
      )
    },

    /** Undoes the commit where somebody else has counted the same meanwhile. */
    advance(from: number, until: number): Write {
      return write(
        db.updateTable('tallied').set({ until }).where('what', '=', ALL).where('until', '=', from),
        { expect: 1 }
      )
    },

    /** Lets go what began before. */
    forget(minutesBefore: number, hoursBefore: number): Write[] {
      const older = (span: number, before: number) =>
        write(db.deleteFrom('tallies').where('span', '=', span).where('at', '<', before))
      return [older(1, minutesBefore), older(60, hoursBefore)]
    },

    /** By spans of so many minutes, of all connections together. */
    async since(from: number, spanMinutes: number): Promise<TallyAt[]> {
      const span = spanMinutes * MINUTE_MS
      const begin = sql<number>`at - at % ${sql.lit(span)}`
      return db
        .selectFrom('tallies')
        .select(({ fn }) => [begin.as('at'), 'what', fn.sum<number>('count').as('count')])
        .where('span', '=', 1)
        .where('at', '>=', from)
        .groupBy([begin, 'what'])
        .orderBy('at')
        .execute()
        .then(rows => rows.map(row => ({ ...row, count: Number(row.count) })))
    },

    /** Of each connection since, by what. */
    async ofConnections(from: number): Promise<ConnectionTally[]> {
      const rows = await db
        .selectFrom('tallies')
        .select(({ fn }) => ['connection_id', 'what', fn.sum<number>('count').as('count')])
        .where('span', '=', 60)
        .where('at', '>=', from)
        .groupBy(['connection_id', 'what'])
        .execute()
      return rows.map(row => ({ connectionId: row.connection_id, what: row.what, count: Number(row.count) }))
    },

    /** The hours in which anything of these connections came, oldest first. */
    async hoursOf(connectionIds: string[], from: number): Promise<Map<string, number[]>> {
      const rows = await inParts(connectionIds, part =>
        db
          .selectFrom('tallies')
          .select(['connection_id', 'at'])
          .where('span', '=', 60)
          .where('at', '>=', from)
          .where('what', '=', 'received')
          .where('connection_id', 'in', part)
          .orderBy('at')
          .execute()
      )
      const byConnection = Map.groupBy(rows, row => row.connection_id)
      return new Map([...byConnection].map(([id, hours]) => [id, hours.map(each => each.at)]))
    },

    /** The id of the latest delivery of each. */
    async latest(connectionIds: string[]): Promise<Map<string, string>> {
      const found = new Map<string, string>()
      for (const id of connectionIds) {
        const row = await db
          .selectFrom('deliveries')
          .select('id')
          .where('connection_id', '=', id)
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (row !== undefined) found.set(id, row.id)
      }
      return found
    }
  }
}

function placeOf({ span, connection_id, what }: TallyRow): string {
  return JSON.stringify([span, connection_id, what])
}

function sumBy(tallies: ConnectionTally[], nameOf: (tally: ConnectionTally) => string): ConnectionTally[] {
  return [...Map.groupBy(tallies, nameOf).values()].map(same => {
    const [first] = same as [ConnectionTally]
    return { ...first, count: same.reduce((sum, each) => sum + each.count, 0) }
  })
}
