import { sql } from 'kysely'
import type { Store } from './store.ts'
import { write } from './write.ts'

/** Why nothing is sent to a workspace, and until when. */
export interface WorkspaceHold {
  waitUntil: number
  /** Refusals one after the other; 0: it works. */
  failures: number
  /** The key or the address is wrong. */
  stopped: boolean
  reason: string | null
}

export const noHold: WorkspaceHold = { waitUntil: 0, failures: 0, stopped: false, reason: null }

/** Which workspaces have to wait, and who finds out whether that is over. */
export function workspaceHoldsOf(store: Store) {
  const { db } = store

  const insertHold = (id: string, hold: WorkspaceHold) =>
    db.insertInto('workspaces').values({ id, ...valuesOf(hold) })

  return {
    /** Nothing is sent to the workspace before `waitUntil`, nor before a later end that another process was told. */
    async holdWorkspace(id: string, hold: WorkspaceHold): Promise<void> {
      await store.commit([
        write(
          insertHold(id, hold).onConflict(conflict =>
            conflict.column('id').doUpdateSet({ ...valuesOf(hold), wait_until: laterWait(hold.waitUntil) })
          )
        )
      ])
    },

    /**
     * Whoever was to find out whether the workspace works again has found out.
     * @param probeUntil how long the others waited for that: a longer wait was told to one of them meanwhile, and stays
     */
    async settleWorkspace(id: string, hold: WorkspaceHold, probeUntil: number): Promise<void> {
      await store.commit([
        write(
          insertHold(id, hold).onConflict(conflict =>
            conflict.column('id').doUpdateSet(valuesOf(hold)).where('workspaces.wait_until', '<=', probeUntil)
          )
        )
      ])
    },

    /** Whoever finds out whether the workspace works again does so at `at`. @param probeUntil as above */
    async probeWorkspace(id: string, at: number, probeUntil: number): Promise<void> {
      const probed = db.updateTable('workspaces').where('id', '=', id).where('wait_until', '<=', probeUntil)
      await store.commit([write(probed.set({ wait_until: at }))])
    },

    async workspace(id: string): Promise<WorkspaceHold> {
      const row = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return noHold
      const { wait_until: waitUntil, failures, stopped, reason } = row
      return { waitUntil, failures, stopped: stopped === 1, reason }
    }
  }
}

function valuesOf({ waitUntil, failures, stopped, reason }: WorkspaceHold) {
  return { wait_until: waitUntil, failures, stopped: stopped ? (1 as const) : (0 as const), reason }
}

function laterWait(until: number) {
  return sql<number>`case when workspaces.wait_until > ${until} then workspaces.wait_until else ${until} end`
}
