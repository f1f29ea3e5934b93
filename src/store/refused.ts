import type { Kind } from '../model/kind.ts'
import { lanesOf } from './lanes.ts'
import { causeOfColumn } from './operate-trouble.ts'
import { padded } from './parts.ts'
import { primaryKeyOf, type ResourcePrimaryKey } from './primary-key.ts'
import { isDirty, isRefused } from './resource-states.ts'
import type { Lane, ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import { prepare, type Write } from './write.ts'

/** Resources that Seam refused and that are to be sent to it again. */
export interface RefusedChosen {
  kind?: Kind | undefined
  /** For one of these reasons, as far as reasons tell. */
  causes?: { kind: string; cause: string }[] | undefined
  /** This one and no other. */
  resource?: RefusedId | undefined
}

/** Workspace, customer, kind and key. */
export type RefusedId = [string, string, Kind, string]

export interface RefusedResource extends Lane, ResourceRef {
  startsAt: number | null
  refusedAt: number
}

/** Where the next part begins. */
interface Position {
  at: number
  id: RefusedId
}

export interface RefusedPart {
  rows: RefusedResource[]
  /** Undefined where nothing more is to come. */
  next: string | undefined
}

export type Refused = ReturnType<typeof refusedOf>

export function refusedOf(store: Store) {
  const { db } = store
  const lanes = lanesOf(store)

  /** @param until those that were refused later, somebody has looked at already */
  const matching = ({ kind, causes, resource }: RefusedChosen, until: number) =>
    db
      .selectFrom('resources')
      .where(isRefused)
      .where('buried_at', '<=', until)
      .$if(kind !== undefined, query => query.where('kind', '=', kind as Kind))
      .$if(causes !== undefined, query =>
        query.where(eb =>
          eb.or(
            (causes as { kind: string; cause: string }[]).map(each =>
              eb.and([
                eb(causeOfColumn('buried_reason'), '=', each.cause),
                eb('kind', '=', each.kind as Kind)
              ])
            )
          )
        )
      )
      .$if(resource !== undefined, query => {
        const [workspaceId, customerKey, ofKind, key] = resource as RefusedId
        return query
          .where('workspace_id', '=', workspaceId)
          .where('customer_key', '=', customerKey)
          .where('kind', '=', ofKind)
          .where('key', '=', key)
      })

  const lift = prepare<ResourcePrimaryKey>(row =>
    db
      .updateTable('resources')
      // The reason stays: what Seam has never agreed to may be missing in stays that it has.
      .set({ buried_revision: 0 })
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
      .where(isRefused)
  )

  return {
    async count(chosen: RefusedChosen, until: number): Promise<number> {
      const row = await matching(chosen, until)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return row.count
    },

    /** Those that were refused first come first. @param after `next` of the part before */
    async part(
      chosen: RefusedChosen,
      until: number,
      after: string | null,
      limit: number
    ): Promise<RefusedPart> {
      const position: Position | undefined = after === null ? undefined : JSON.parse(after)
      const rows = await matching(chosen, until)
        .select(['workspace_id', 'customer_key', 'kind', 'key', 'starts_at', 'buried_at'])
        .$if(position !== undefined, query =>
          query.where(eb =>
            eb(
              eb.refTuple('buried_at', 'workspace_id', 'customer_key', 'kind', 'key'),
              '>',
              eb.tuple(Number(position?.at), ...((position as Position).id as [string, string, Kind, string]))
            )
          )
        )
        .orderBy('buried_at')
        .orderBy('workspace_id')
        .orderBy('customer_key')
        .orderBy('kind')
        .orderBy('key')
        .limit(limit)
        .execute()
      const last = rows.length < limit ? undefined : rows.at(-1)
      return {
        rows: rows.map(row => ({
          workspaceId: row.workspace_id,
          customerKey: row.customer_key,
          kind: row.kind,
          key: row.key,
          startsAt: row.starts_at,
          refusedAt: Number(row.buried_at)
        })),
        next:
          last &&
          JSON.stringify({
            at: Number(last.buried_at),
            id: [last.workspace_id, last.customer_key, last.kind, last.key]
          } satisfies Position)
      }
    },

    /** They are to be sent again. Lanes come first, so that nobody decides upon rows as they were before. */
    lift(rows: RefusedResource[], now: number): Write[] {
      const inOrder = [...rows].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
      const byLane = Map.groupBy(inOrder, row => JSON.stringify([row.workspaceId, row.customerKey]))
      const moved = [...byLane.values()].map(ofLane => {
        const [lane] = ofLane as [RefusedResource]
        const arrivals = ofLane.flatMap(row => row.startsAt ?? [])
        const arrivalAt = arrivals.length === 0 ? null : Math.min(...arrivals)
        return lanes.revive({ ...lane, arrivalAt }, now)
      })
      return [...moved, lift(inOrder.map(row => primaryKeyOf(row, row)))]
    },

    /** Those of them that Seam has not answered yet. */
    async unanswered(ids: RefusedId[]): Promise<RefusedId[]> {
      const left: RefusedId[] = []
      for (const ofLane of Map.groupBy(ids, ([workspace, customer]) =>
        JSON.stringify([workspace, customer])
      ).values()) {
        const [[workspaceId, customerKey]] = ofLane as [RefusedId]
        const rows = await db
          .selectFrom('resources')
          .select(['kind', 'key'])
          .where('workspace_id', '=', workspaceId)
          .where('customer_key', '=', customerKey)
          .where('kind', 'in', [...new Set(ofLane.map(([, , kind]) => kind))])
          .where('key', 'in', padded(ofLane.map(([, , , key]) => key)))
          .where(isDirty)
          .execute()
        const open = new Set(rows.map(({ kind, key }) => `${kind} ${key}`))
        left.push(...ofLane.filter(([, , kind, key]) => open.has(`${kind} ${key}`)))
      }
      return left
    }
  }
}

function orderOf({ workspaceId, customerKey, kind, key }: RefusedResource): string {
  return JSON.stringify([workspaceId, customerKey, kind, key])
}
