import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { DAY_MS } from '../model/durations.ts'
import { madeAt } from '../model/ids.ts'
import { NONE } from './connection-settings.ts'
import { isOpen, isReceived } from './delivery-states.ts'
import { isLanePaused, pausedConnections } from './pauses.ts'
import { arrivalOrNever, isDirty, isHeld, isRefused } from './resource-states.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

/** Work of one stage. */
export interface Stage {
  /** May go on now, or is in hand. */
  due: number
  /** Waits for its time: a quiet window, a back-off, a platform or a workspace that asked to wait. */
  scheduled: number
  /** Since when the oldest that is due has been so, ms since 1970; undefined where nothing is due. */
  dueSince: number | undefined
}

/** What is still to be done, as the store knows it; the same for every process that works on it. What is paused stands apart. */
export interface Backlog {
  translate: Stage
  sync: Stage
  places: Pick<Stage, 'due' | 'dueSince'>
  redraw: Pick<Stage, 'due'>
  /** What would be done, due or scheduled, if it were not paused: deliveries, customers and places. */
  paused: { translate: number; sync: number; places: number }
  /** How many pauses there are. */
  pauses: { connection: number; customer: number; workspace: number }
  /** When the oldest delivery came whose changes Seam has not agreed to, ms since 1970; undefined where there is none. */
  unsentSince: number | undefined
  held: { deliveries: number; stays: number }
  dead: { deliveries: number; resources: number }
  /** Stays that begin, or have begun, within {@link NEAR_MS} and are not at Seam as they shall be. */
  arrivals: { pending: number; refused: number; held: number }
  workspaces: { id: string; stopped: boolean; waitUntil: number }[]
  /** When the newest delivery of each connection came, ms since 1970; without those that have none. */
  lastReceived: { connectionId: string; at: number }[]
}

/** As far as {@link Backlog.arrivals} looks, to both sides of now. */
export const NEAR_MS = DAY_MS

/** Beyond so many nobody counts: it would cost more than the number is worth. */
export const MOST_COUNTED = 100_000

const one = sql.lit(1).as('one')
const ifSo = (condition: ReturnType<typeof sql<boolean>>) =>
  sql<number>`coalesce(sum(case when ${condition} then 1 else 0 end), 0)`

export type Backlogs = ReturnType<typeof backlogOf>

/**
 * Counts by the indexes of what is under way or in trouble, which is little beside what is over: nothing here grows with
 * the history.
 */
export function backlogOf({ db }: Store) {
  const isPaused = (eb: ExpressionBuilder<Tables, 'deliveries' | 'place_readings'>) =>
    eb('connection_id', 'in', pausedConnections(db))

  const received = () => db.selectFrom('deliveries').where(isReceived)

  /** Deliveries that are to be translated, by their turn: the index has nothing else, and turns of retries are when they are due. */
  async function translate(now: number): Promise<Stage> {
    const next = received()
      .select('turn')
      .where(eb => eb.not(isPaused(eb)))
      .orderBy('turn')
      .limit(MOST_COUNTED)
    const row = await db
      .selectFrom(next.as('next'))
      .select(({ fn }) => [fn.countAll<number>().as('all'), fn.min('turn').as('first')])
      .select(ifSo(sql<boolean>`turn <= ${now}`).as('due'))
      .executeTakeFirstOrThrow()
    return { due: row.due, scheduled: row.all - row.due, dueSince: before(row.first, now) }
  }

  /** Of the first {@link MOST_COUNTED} that are to be translated, paused or not: how many of each connection. */
  async function waiting(): Promise<Map<string, number>> {
    const next = received().select('connection_id').orderBy('turn').limit(MOST_COUNTED)
    const rows = await db
      .selectFrom(next.as('next'))
      .select(({ fn }) => ['connection_id', fn.countAll<number>().as('count')])
      .groupBy('connection_id')
      .execute()
    return new Map(rows.map(row => [row.connection_id, row.count]))
  }

  const isPausedLane = isLanePaused(db)

  /** Customers. Those of workspaces that have to wait are not due: more relays would not help. */
  async function sync(now: number, waiting: string[]) {
    const isDue = sql<boolean>`(due_at <= ${now} and not_before <= ${now} and lease_until is null)`
    const dueSince = sql<number>`case when due_at > not_before then due_at else not_before end`
    const rows = await db
      .selectFrom('lanes')
      .select(({ fn }) => ['workspace_id', fn.countAll<number>().as('all'), fn.min('heard_at').as('heard')])
      .select([
        ifSo(isDue).as('due'),
        sql<number | null>`min(case when ${isDue} then ${dueSince} end)`.as('since')
      ])
      .where('due_at', 'is not', null)
      .where(eb => eb.not(isPausedLane(eb)))
      .groupBy('workspace_id')
      .execute()
    const leased = await db
      .selectFrom('lanes')
      .select(({ fn }) => [
        fn.countAll<number>().as('all'),
        fn.min('lease_until').as('first'),
        fn.min('claimed_heard_at').as('heard')
      ])
      .where('lease_until', 'is not', null)
      // What is in hand goes on; nobody takes over from one who is gone.
      .where(eb => eb.or([eb('lease_until', '>', now), eb.not(isPausedLane(eb))]))
      .executeTakeFirstOrThrow()
    const open = rows.filter(row => !waiting.includes(row.workspace_id))
    const due = sum(open.map(row => row.due))
    const stage: Stage = {
      due: due + leased.all,
      scheduled: sum(rows.map(row => row.all)) - due,
      // A lease that is over was somebody's who is gone.
      dueSince: least([...open.map(row => row.since), before(leased.first, now)])
    }
    return { stage, unsentSince: least([leased.heard, ...rows.map(row => row.heard)]) }
  }

  async function places(now: number): Promise<Pick<Stage, 'due' | 'dueSince'>> {
    const row = await db
      .selectFrom('place_readings')
      .select(({ fn }) => [fn.countAll<number>().as('due'), fn.min('due_at').as('since')])
      .where('due_at', '<=', now)
      .where(eb => eb.not(isPaused(eb)))
      .executeTakeFirstOrThrow()
    return { due: row.due, dueSince: row.since ?? undefined }
  }

  /** Nobody's fault, and nothing that more relays could do. */
  async function paused(now: number): Promise<Backlog['paused']> {
    const lanes = () => db.selectFrom('lanes').select(one).where(isPausedLane).limit(MOST_COUNTED)
    const waiting = await counted(lanes().where('due_at', 'is not', null))
    const abandoned = await counted(lanes().where('due_at', 'is', null).where('lease_until', '<=', now))
    const places = db.selectFrom('place_readings').where('due_at', '<=', now).where(isPaused)
    return {
      translate: await counted(received().where(isPaused).select(one).limit(MOST_COUNTED)),
      sync: waiting + abandoned,
      places: await counted(places.select(one).limit(MOST_COUNTED))
    }
  }

  async function pauses(): Promise<Backlog['pauses']> {
    const rows = await db
      .selectFrom('pauses')
      .select(({ fn }) => ['subject', fn.countAll<number>().as('count')])
      .groupBy('subject')
      .execute()
    const counts = Object.fromEntries(rows.map(row => [row.subject, row.count]))
    return { connection: 0, customer: 0, workspace: 0, ...counts }
  }

  async function counted<Table extends keyof Tables>(
    query: SelectQueryBuilder<Tables, Table, { one: number }>
  ): Promise<number> {
    const row = await db
      .selectFrom(query.as('found'))
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return row.count
  }

  const stopped = (state: 'held' | 'dead') =>
    db.selectFrom('deliveries').select(one).where(isOpen).where('state', '=', state).limit(MOST_COUNTED)

  const refused = () => db.selectFrom('resources').select(one).where(isRefused).limit(MOST_COUNTED)

  const heldStays = () => db.selectFrom('resources').select(one).where(isHeld).limit(MOST_COUNTED)

  async function pendingArrivals(from: number, to: number): Promise<number> {
    const row = await db
      .selectFrom('resources')
      .where(isDirty)
      // As the index has it, so that only those rows are read whose arrival is near.
      .where(sql<boolean>`${arrivalOrNever} between ${from} and ${to}`)
      .select(ifSo(sql<boolean>`fields is not null`).as('stays'))
      .executeTakeFirstOrThrow()
    return row.stays
  }

  async function lastReceived(): Promise<Backlog['lastReceived']> {
    const rows = await db
      .selectFrom('connections')
      .where('settings_hash', '!=', NONE)
      .select(eb => [
        'id',
        eb
          .selectFrom('deliveries')
          .select(({ fn }) => fn.max('id').as('newest'))
          .whereRef('connection_id', '=', 'connections.id')
          .as('newest')
      ])
      .execute()
    return rows.flatMap(({ id, newest }) =>
      newest === null ? [] : [{ connectionId: id, at: madeAt(newest) }]
    )
  }

  /** @throws RelayError RELAY_STORE_UNAVAILABLE */
  async function read(now: number): Promise<Backlog> {
    // One after the other: commits go in between, and no more than one connection is taken from those who work.
    const [from, to] = [now - NEAR_MS, now + NEAR_MS]
    const near = sql<boolean>`starts_at between ${from} and ${to}`
    const holds = await db.selectFrom('workspaces').selectAll().execute()
    const waiting = holds.filter(row => row.failures > 0 || row.wait_until > now).map(row => row.id)
    const translating = await translate(now)
    const { stage, unsentSince } = await sync(now, waiting)
    return {
      translate: translating,
      sync: stage,
      unsentSince,
      places: await places(now),
      paused: await paused(now),
      pauses: await pauses(),
      redraw: { due: await counted(db.selectFrom('rerenders').select(one).limit(MOST_COUNTED)) },
      held: { deliveries: await counted(stopped('held')), stays: await counted(heldStays()) },
      dead: { deliveries: await counted(stopped('dead')), resources: await counted(refused()) },
      arrivals: {
        pending: await pendingArrivals(from, to),
        refused: await counted(refused().where(near)),
        held: await counted(heldStays().where(near))
      },
      workspaces: holds.map(row => ({
        id: row.id,
        stopped: row.stopped === 1,
        waitUntil: row.wait_until
      })),
      lastReceived: await lastReceived()
    }
  }

  return { read, waiting }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function least(times: (number | null | undefined)[]): number | undefined {
  const known = times.filter(time => time != null)
  return known.length === 0 ? undefined : Math.min(...known)
}

function before(time: number | null, now: number): number | undefined {
  return time !== null && time <= now ? time : undefined
}
