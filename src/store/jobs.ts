import { type Selectable, sql } from 'kysely'
import { firstIdAt } from '../model/ids.ts'
import { type Page, pageOf } from './page.ts'
import type { RefusedChosen, RefusedId } from './refused.ts'
import type { DeliveriesChosen } from './replays.ts'
import type { Store } from './store.ts'
import type { JobsTable } from './tables.ts'
import { type Write, write } from './write.ts'

/** What a job takes, as it was worked out when it was made. */
export type JobChosen = ({ of: 'deliveries' } & DeliveriesChosen) | ({ of: 'refused' } & RefusedChosen)

/** What of a job is under way: ids of deliveries, or resources. */
export type InHand = string | RefusedId

export interface Job extends Omit<Selectable<JobsTable>, 'chosen' | 'in_hand'> {
  chosen: JobChosen
  inHand: InHand[]
}

export interface NewJob {
  id: string
  kind: Job['kind']
  /** As the operator named it. */
  filter: object
  chosen: JobChosen
  actorName: string
  at: number
  /** Undefined where it is to be counted first. */
  total: number | undefined
}

/** How far a job has come by a step. */
export interface Progress {
  total?: number
  counted?: number
  done?: number
  cursor?: string | null
  inHand?: InHand[]
  began_at?: number
}

export type Jobs = ReturnType<typeof jobsOf>

/** In the words of the index jobs_running. */
const isRunning = sql<boolean>`state = 'running'`

/** Long work that operators asked for: what it is, and how far it has come. */
export function jobsOf(store: Store) {
  const { db } = store

  /** A step of one that is as it was read; undone where somebody else has made a step, or has cancelled it. */
  const stepOf = ({ id, step }: Job) =>
    db
      .updateTable('jobs')
      .set({ step: step + 1 })
      .where('id', '=', id)
      .where('step', '=', step)
      .where(isRunning)

  return {
    /** On disk when it answers. @param audited the entry of who asked for it */
    async begin(job: NewJob, audited: Write): Promise<Job> {
      const row: Selectable<JobsTable> = {
        id: job.id,
        kind: job.kind,
        state: 'running',
        filter: JSON.stringify(job.filter),
        chosen: JSON.stringify(job.chosen),
        actor_name: job.actorName,
        created_at: job.at,
        began_at: job.total === undefined ? null : job.at,
        ended_at: null,
        total: job.total ?? null,
        counted: 0,
        done: 0,
        cursor: null,
        in_hand: '[]',
        step: 0,
        error: null
      }
      await store.commit([write(db.insertInto('jobs').values(row)), audited])
      return jobOf(row)
    },

    async one(id: string): Promise<Job | undefined> {
      const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
      return row && jobOf(row)
    },

    /** Newest first. */
    async list(before: string | undefined, limit: number): Promise<Page<Job>> {
      const rows = await db
        .selectFrom('jobs')
        .selectAll()
        .$if(before !== undefined, query => query.where('id', '<', String(before)))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return pageOf(rows.map(jobOf), limit, job => job.id)
    },

    /** Oldest first. */
    async running(): Promise<Job[]> {
      const rows = await db.selectFrom('jobs').selectAll().where(isRunning).orderBy('id').execute()
      return rows.map(jobOf)
    },

    /** First in the commit that does what the step is for. */
    advance(job: Job, progress: Progress): Write {
      return write(stepOf(job).set(columnsOf(progress)), { expect: 1 })
    },

    /** Instead of {@link advance}, with the last step. */
    end(
      job: Job,
      state: 'done' | 'failed',
      at: number,
      progress: Progress,
      error: string | null = null
    ): Write {
      const set = { ...columnsOf({ ...progress, inHand: [] }), state, error, ended_at: at }
      return write(stepOf(job).set(set), { expect: 1 })
    },

    /** What is in hand comes to its end, and nothing follows. @returns false where it had ended before */
    async cancel(id: string, at: number, audited: Write): Promise<boolean> {
      const { committed } = await store.commit([
        write(
          db
            .updateTable('jobs')
            .set({ state: 'cancelled', ended_at: at })
            .where('id', '=', id)
            .where(isRunning),
          { expect: 1 }
        ),
        audited
      ])
      return committed
    },

    /** Those that were made before, and are over. */
    async forget(before: number): Promise<void> {
      const old = db.selectFrom('jobs').select('id').where('id', '<', firstIdAt(before)).where(isOver)
      if ((await old.limit(1).execute()).length === 0) return
      await store.commit([write(db.deleteFrom('jobs').where('id', '<', firstIdAt(before)).where(isOver))])
    }
  }
}

function columnsOf({ inHand, ...progress }: Progress) {
  return inHand === undefined ? progress : { ...progress, in_hand: JSON.stringify(inHand) }
}

const isOver = sql<boolean>`state <> 'running'`

function jobOf({ chosen, in_hand, ...row }: Selectable<JobsTable>): Job {
  return { ...row, chosen: JSON.parse(chosen), inHand: JSON.parse(in_hand) }
}
