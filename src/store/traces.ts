import type { NotNull } from 'kysely'
import type { SpanRef } from '../model/trace.ts'
import type { DirtyResource } from './outbox.ts'
import { inParts } from './parts.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

/** OpenTelemetry keeps 128 links of a span unless it is told otherwise; one more is the parent. */
const MOST_DELIVERIES = 129

export type Traces = ReturnType<typeof tracesOf>

/** Under which spans deliveries go on. Asked only where somebody wants traces. */
export function tracesOf({ db }: Pick<Store, 'db'>) {
  return {
    /** The delivery goes on under another span than it came with, unless its lease went to somebody else. */
    keep({ id, leaseToken }: { id: string; leaseToken: number }, trace: SpanRef): Write {
      return write(
        db.updateTable('deliveries').set({ trace }).where('id', '=', id).where('lease_token', '=', leaseToken)
      )
    },

    /**
     * Under which spans deliveries go on that brought what is to be sent, the oldest first: each that changed one of these
     * since Seam last agreed to it, and of what Seam has never heard of also those that could only be held.
     */
    async broughtBy(lane: Lane, resources: DirtyResource[]): Promise<SpanRef[]> {
      const kinds = [...new Set(resources.map(each => each.kind))]
      const sent = Math.max(...resources.map(each => each.revision))
      const among = (keys: string[]) =>
        db
          .selectFrom('change_log')
          .innerJoin('resources', join =>
            join
              .onRef('resources.workspace_id', '=', 'change_log.workspace_id')
              .onRef('resources.customer_key', '=', 'change_log.customer_key')
              .onRef('resources.kind', '=', 'change_log.kind')
              .onRef('resources.key', '=', 'change_log.key')
          )
          .innerJoin('deliveries', 'deliveries.id', 'change_log.delivery_id')
          .select(['deliveries.id', 'deliveries.trace'])
          .distinct()
          .where('change_log.workspace_id', '=', lane.workspaceId)
          .where('change_log.customer_key', '=', lane.customerKey)
          .where('change_log.kind', 'in', kinds)
          .where('change_log.key', 'in', keys)
          // Of a place nearly every delivery tells, and hardly any has changed it: those are left before anything is looked up.
          .where(eb => eb.or([eb('change_log.revision', '<=', sent), eb('change_log.outcome', '=', 'held')]))
          .where(eb =>
            eb.or([
              eb('change_log.revision', '>', eb.ref('resources.synced_revision')),
              eb.and([eb('change_log.outcome', '=', 'held'), eb('resources.synced_revision', '=', 0)])
            ])
          )
          .where('deliveries.trace', 'is not', null)
          .$narrowType<{ trace: NotNull }>()
          .orderBy('deliveries.id')
          .limit(MOST_DELIVERIES)
      const rows = await inParts([...new Set(resources.map(each => each.key))], part => among(part).execute())
      return [...new Set(rows.map(({ trace }) => trace))]
    },

    /** Under which span one delivery goes on; none where it was not traced, or is not kept any more. */
    async of(deliveryId: string): Promise<SpanRef[]> {
      const rows = await db
        .selectFrom('deliveries')
        .select('trace')
        .where('id', '=', deliveryId)
        .where('trace', 'is not', null)
        .$narrowType<{ trace: NotNull }>()
        .execute()
      return rows.map(({ trace }) => trace)
    }
  }
}
