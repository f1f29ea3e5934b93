import { type ExpressionBuilder, type Selectable, sql } from 'kysely'
import { type Page, pageOf } from './page.ts'
import { isLanePaused } from './pauses.ts'
import { beginsWith } from './ranges.ts'
import { isDirty, isHeld, isRefused } from './resource-states.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import type { LanesTable, Tables, WorkspacesTable } from './tables.ts'

/**
 * `due`: to be sent by now. `failing`: the last call failed. `leaving`: to be taken off at Seam. `paused`: rests, for its own
 * sake or its workspace's; such a one is not due.
 */
export type LaneState = 'due' | 'failing' | 'leaving' | 'paused'

export interface LaneFilter {
  workspaceId?: string | undefined
  state?: LaneState | undefined
  /** How the customer's key begins. */
  prefix?: string | undefined
}

/** Where a list of customers goes on; those that are due are in the order of time. */
export interface LanePosition extends Lane {
  dueAt: number
}

export interface LaneReport extends Selectable<LanesTable> {
  /** What of its resources is to be sent, is held and was refused; so many of each are counted and no more. */
  waiting: number
  held: number
  refused: number
}

/** What is more is told as this. */
const MOST_COUNTED = 1_000

/** In the words of the indexes lanes_failing, lanes_leaving and lanes_waiting. */
const inState: Record<Exclude<LaneState, 'paused'>, ReturnType<typeof sql<boolean>>> = {
  due: sql`due_at is not null`,
  failing: sql`failures > 0`,
  leaving: sql`offboard_due = 1`
}

export type OperateLanes = ReturnType<typeof operateLanesOf>

/** Customers and workspaces as operators look at them. */
export function operateLanesOf({ db }: Pick<Store, 'db'>) {
  const counted = (eb: ExpressionBuilder<Tables, 'lanes'>, condition: typeof isDirty) =>
    eb
      .selectFrom(
        eb
          .selectFrom('resources')
          .select(sql.lit(1).as('one'))
          .whereRef('resources.workspace_id', '=', 'lanes.workspace_id')
          .whereRef('resources.customer_key', '=', 'lanes.customer_key')
          .where(condition)
          .limit(MOST_COUNTED)
          .as('some')
      )
      .select(({ fn }) => fn.countAll<number>().as('count'))

  const isPaused = isLanePaused(db)

  const reports = () =>
    db
      .selectFrom('lanes')
      .selectAll()
      .select(eb => [
        counted(eb, isDirty).as('waiting'),
        counted(eb, isHeld).as('held'),
        counted(eb, isRefused).as('refused')
      ])
      .$narrowType<{ waiting: number; held: number; refused: number }>()

  return {
    /** By workspace and key; those that are due by how long they have been. */
    async list(
      { workspaceId, state, prefix }: LaneFilter,
      after: LanePosition | undefined,
      limit: number,
      now: number
    ): Promise<Page<LaneReport, LanePosition>> {
      const isDue = state === 'due'
      const rows = await reports()
        // Where deletions of keys wait that nobody is known to have.
        .where('customer_key', '!=', '')
        .$if(workspaceId !== undefined, query => query.where('workspace_id', '=', String(workspaceId)))
        .$if(prefix !== undefined, query => query.where(beginsWith('customer_key', String(prefix))))
        .$if(state === 'paused', query => query.where(isPaused))
        .$if(state !== undefined && state !== 'paused', query =>
          query.where(inState[state as keyof typeof inState])
        )
        .$if(isDue, query =>
          query
            .where('due_at', '<=', now)
            .where(eb => eb.not(isPaused(eb)))
            .orderBy('due_at')
        )
        .$if(after !== undefined, query =>
          query.where(eb => {
            const { dueAt, workspaceId: workspace, customerKey } = after as LanePosition
            return isDue
              ? eb(
                  eb.refTuple('due_at', 'workspace_id', 'customer_key'),
                  '>',
                  eb.tuple(dueAt as number | null, workspace, customerKey)
                )
              : eb(eb.refTuple('workspace_id', 'customer_key'), '>', eb.tuple(workspace, customerKey))
          })
        )
        .orderBy('workspace_id')
        .orderBy('customer_key')
        .limit(limit + 1)
        .execute()
      return pageOf(rows, limit, positionOf)
    },

    async one(lane: Lane): Promise<LaneReport | undefined> {
      return reports()
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .executeTakeFirst()
    },

    /** What Seam's moods have made of the workspaces; nothing of those that always worked. */
    async workspaces(): Promise<Selectable<WorkspacesTable>[]> {
      return db.selectFrom('workspaces').selectAll().execute()
    },

    /** Customers of a workspace with something to be sent by now, without those that rest; so many and no more. */
    async due(workspaceId: string, now: number): Promise<{ count: number; oldest: number | null }> {
      const some = db
        .selectFrom('lanes')
        .select('due_at')
        .where('due_at', 'is not', null)
        .where('due_at', '<=', now)
        .where('workspace_id', '=', workspaceId)
        .where(eb => eb.not(isPaused(eb)))
        .orderBy('due_at')
        .limit(MOST_COUNTED)
      return db
        .selectFrom(some.as('some'))
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('due_at').as('oldest')])
        .executeTakeFirstOrThrow()
    }
  }
}

function positionOf(row: LaneReport): LanePosition {
  return { workspaceId: row.workspace_id, customerKey: row.customer_key, dueAt: row.due_at ?? 0 }
}
