import { sql } from 'kysely'
import type { Store } from './store.ts'
import { write } from './write.ts'

/** Why nothing is sent to a workspace, and until when. */
export interface WorkspaceWait {
  waitUntil: number
  /** Refusals one after the other; 0: it works. */
  failures: number
  /** The key or the address is wrong. */
  stopped: boolean
  reason: string | null
}

export const noWait: WorkspaceWait = { waitUntil: 0, failures: 0, stopped: false, reason: null }

/** Which workspaces have to wait, and who finds out whether that is over. */
export function workspaceWaitsOf(store: Store) {
  const { db } = store

  const insertWait = (id: string, wait: WorkspaceWait) =>
    db.insertInto('workspaces').values({ id, ...valuesOf(wait) })

  return {
    /** Nothing is sent to the workspace before `waitUntil`, nor before a later end that another process was told. */
    async delayWorkspace(id: string, wait: WorkspaceWait): Promise<void> {
      await store.commit([
        write(
          insertWait(id, wait).onConflict(conflict =>
            conflict.column('id').doUpdateSet({ ...valuesOf(wait), wait_until: laterWait(wait.waitUntil) })
          )
        )
      ])
    },

    /**
     * Whoever was to find out whether the workspace works again has found out.
     * @param probeUntil how long the others waited for that: a longer wait was told to one of them meanwhile, and stays
     */
    async settleWorkspace(id: string, wait: WorkspaceWait, probeUntil: number): Promise<void> {
      await store.commit([
        write(
          insertWait(id, wait).onConflict(conflict =>
            conflict.column('id').doUpdateSet(valuesOf(wait)).where('workspaces.wait_until', '<=', probeUntil)
          )
        )
      ])
    },

    /** Whoever finds out whether the workspace works again does so at `at`. @param probeUntil as above */
    async probeWorkspace(id: string, at: number, probeUntil: number): Promise<void> {
      const probed = db.updateTable('workspaces').where('id', '=', id).where('wait_until', '<=', probeUntil)
      await store.commit([write(probed.set({ wait_until: at }))])
    },

    async workspace(id: string): Promise<WorkspaceWait> {
      const row = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return noWait
      const { wait_until: waitUntil, failures, stopped, reason } = row
      return { waitUntil, failures, stopped: stopped === 1, reason }
    }
  }
}

function valuesOf({ waitUntil, failures, stopped, reason }: WorkspaceWait) {
  return { wait_until: waitUntil, failures, stopped: stopped ? (1 as const) : (0 as const), reason }
}

function laterWait(until: number) {
  return sql<number>`case when workspaces.wait_until > ${until} then workspaces.wait_until else ${until} end`
}
