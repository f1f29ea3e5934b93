import { sql } from 'kysely'
import { type Kind, kinds, type NamedRole, peopleKinds } from '../model/kind.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { inParts } from './parts.ts'
import type { Lane, ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import type { StayNamesTable } from './tables.ts'
import { prepare, type Write } from './write.ts'

/** A stay that uses a guest at Seam and names another one too, by its key. */
export interface NamedBesides extends ResourceRef {
  guest_used: string
  ref_key: string
}

/** People who share an e-mail by the thousand, as of an agency, are looked at no further. */
const MOST_BESIDES = 1_000

/** Of a stay, the kind of the guest that it names. */
const kindOfGuestUsed = (dialect: Dialect) =>
  sql<Kind>`case ${sql.join(
    peopleKinds.map(
      kind => sql`when ${dialect.member('fields', kinds[kind].keyField)} is not null then ${sql.lit(kind)}`
    ),
    sql` `
  )} end`

/** Which places and guests live stays name, and which guests they use at Seam. */
export function stayNamesOf(store: Store) {
  const { db } = store
  const kindOf = kindOfGuestUsed(dialectOf(store))

  const insertName = prepare<StayNamesTable>(row =>
    db
      .insertInto('stay_names')
      .values({
        workspace_id: row.workspace_id,
        customer_key: row.customer_key,
        stay_kind: row.stay_kind,
        stay_key: row.stay_key,
        ref: row.ref,
        ref_key: row.ref_key
      })
      .onConflict(conflict => conflict.doNothing())
  )

  const deleteNames = prepare<Omit<StayNamesTable, 'ref' | 'ref_key'>>(row =>
    db
      .deleteFrom('stay_names')
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('stay_kind', '=', row.stay_kind)
      .where('stay_key', '=', row.stay_key)
  )

  return {
    /** The live stays that name a place or a guest. */
    async naming(lane: Lane, role: NamedRole, keys: string[]): Promise<ResourceRef[]> {
      return inParts(keys, part =>
        db
          .selectFrom('stay_names')
          .select(['stay_kind as kind', 'stay_key as key'])
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('ref', '=', role)
          .where('ref_key', 'in', part)
          .execute()
      )
    },

    /** How many stays use each of these guests at Seam. */
    async using(lane: Lane, guestKeys: string[]): Promise<(ResourceRef & { stays: number })[]> {
      return inParts(guestKeys, part =>
        db
          .selectFrom('resources')
          .select(['guest_used as key', kindOf.as('kind'), db.fn.countAll<number>().as('stays')])
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('guest_used', 'in', part)
          .groupBy(['guest_used', kindOf])
          .$narrowType<{ key: string }>()
          .execute()
      )
    },

    /** Whom the stays that use one of these guests at Seam name besides, those told last first. */
    async namedBesides(lane: Lane, guestKeys: string[]): Promise<NamedBesides[]> {
      return inParts(guestKeys, part =>
        db
          .selectFrom('resources')
          .innerJoin('stay_names', join =>
            join
              .onRef('stay_names.workspace_id', '=', 'resources.workspace_id')
              .onRef('stay_names.customer_key', '=', 'resources.customer_key')
              .onRef('stay_names.stay_kind', '=', 'resources.kind')
              .onRef('stay_names.stay_key', '=', 'resources.key')
          )
          .select(['resources.kind', 'resources.key', 'guest_used', 'ref_key'])
          .where('resources.workspace_id', '=', lane.workspaceId)
          .where('resources.customer_key', '=', lane.customerKey)
          .where('guest_used', 'in', part)
          .where('ref', '=', 'guest')
          .whereRef('ref_key', '!=', 'guest_used')
          .orderBy('upsert_stamp', 'desc')
          .limit(MOST_BESIDES)
          .$narrowType<{ guest_used: string }>()
          .execute()
      )
    },

    /** A stay's names, anew. */
    names(lane: Lane, stay: ResourceRef, names: { role: NamedRole; key: string }[]): Write[] {
      const gone = deleteNames([
        {
          workspace_id: lane.workspaceId,
          customer_key: lane.customerKey,
          stay_kind: stay.kind,
          stay_key: stay.key
        }
      ])
      if (names.length === 0) return [gone]
      const rows = names.map(name => ({
        workspace_id: lane.workspaceId,
        customer_key: lane.customerKey,
        stay_kind: stay.kind,
        stay_key: stay.key,
        ref: name.role,
        ref_key: name.key
      }))
      return [gone, insertName(rows)]
    }
  }
}
