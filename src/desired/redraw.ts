import type { Logger } from 'pino'
import type { Lane, ResourceRef } from '../store/resources.ts'
import type { Desired } from './desired.ts'
import type { Queries } from './lane-view.ts'

const MOST_AT_ONCE = 200

/** One step: resources that wait to be drawn again, because settings changed or a contact came free. */
export function redrawing({ desired, queries, log }: { desired: Desired; queries: Queries; log: Logger }) {
  return async function redrawOnce(): Promise<'busy' | 'idle'> {
    try {
      const rows = await queries.resources.toRedraw(MOST_AT_ONCE)
      const byLane = new Map<string, { lane: Lane; refs: ResourceRef[] }>()
      for (const { workspaceId, customerKey, kind, key } of rows) {
        const id = JSON.stringify([workspaceId, customerKey])
        const entry = byLane.get(id) ?? { lane: { workspaceId, customerKey }, refs: [] }
        entry.refs.push({ kind, key })
        byLane.set(id, entry)
      }
      for (const { lane, refs } of byLane.values())
        await desired.apply(lane, { said: [], redraw: refs, also: [] })
      return rows.length > 0 ? 'busy' : 'idle'
    } catch (error) {
      log.error({ event: 'redraw.failed', err: error })
      return 'idle'
    }
  }
}
