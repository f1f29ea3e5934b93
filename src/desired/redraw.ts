import type { Logger } from 'pino'
import type { Redraw } from '../store/redraws.ts'
import type { Lane } from '../store/resources.ts'
import { isAway } from '../store/unavailable.ts'
import type { Desired } from './desired.ts'
import type { Queries } from './queries.ts'

const MOST_AT_ONCE = 200

/** One step: resources that wait to be drawn again, because settings changed or a contact came free. */
export function redrawing({ desired, queries, log }: { desired: Desired; queries: Queries; log: Logger }) {
  /** Lanes that could not be drawn: passed over until nothing else waits, so that they hold up nobody. */
  let failed: Lane[] = []

  async function draw({ lane, refs }: { lane: Lane; refs: Redraw[] }): Promise<void> {
    try {
      await desired.apply(lane, { said: [], redraw: refs, also: [] })
    } catch (error) {
      failed.push(lane)
      if (!isAway(error)) log.error({ event: 'redraw.failed', customerKey: lane.customerKey, err: error })
    }
  }

  return async function redrawOnce(): Promise<'busy' | 'idle'> {
    try {
      const rows = await queries.resources.toRedraw(MOST_AT_ONCE, failed)
      const byLane = new Map<string, { lane: Lane; refs: Redraw[] }>()
      for (const { workspaceId, customerKey, ...redraw } of rows) {
        const id = JSON.stringify([workspaceId, customerKey])
        const entry = byLane.get(id) ?? { lane: { workspaceId, customerKey }, refs: [] }
        entry.refs.push(redraw)
        byLane.set(id, entry)
      }
      for (const each of byLane.values()) await draw(each)
      if (rows.length > 0) return 'busy'
    } catch (error) {
      if (!isAway(error)) log.error({ event: 'redraw.failed', err: error })
    }
    failed = []
    return 'idle'
  }
}
