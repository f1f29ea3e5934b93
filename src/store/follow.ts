import type { Kysely } from 'kysely'
import type { Kind } from '../model/kind.ts'
import { padded } from './resources.ts'
import type { ChangeOutcome, Tables } from './tables.ts'

/** How far a delivery has come: its events, what they did, and whether Seam has agreed. */
export interface Followed {
  state: string
  events: { type: string; outcome: string; reason?: string }[]
  resources: { kind: Kind; key: string; outcome: ChangeOutcome; state: string }[]
  /** Nothing of it is under way any more. */
  settled: boolean
}

/** Undefined where the store has no such delivery. */
export async function followDelivery(db: Kysely<Tables>, id: string): Promise<Followed | undefined> {
  const delivery = await db
    .selectFrom('deliveries')
    .select(['state', 'outcome', 'last_error'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (delivery === undefined) return undefined
  const log = await db.selectFrom('change_log').selectAll().where('delivery_id', '=', id).orderBy('id').execute()
  const keys = log.flatMap(entry => [entry.key])
  const rows =
    keys.length === 0
      ? []
      : await db
          .selectFrom('resources')
          .select(['workspace_id', 'kind', 'key', 'fields', 'held', 'revision', 'synced_revision', 'buried_revision', 'guest_used'])
          .where('key', 'in', padded(keys))
          .execute()
  const guests = rows.flatMap(row => (row.guest_used === null ? [] : [row.guest_used]))
  const touched = new Map(
    rows.map(row => {
      const pending = row.revision > row.synced_revision && row.revision > row.buried_revision
      const present = row.fields === null ? 'not at Seam' : 'at Seam'
      const refused = row.revision === row.buried_revision && row.revision > 0
      const state = pending ? 'on its way' : refused ? 'refused by Seam' : row.held === null ? present : `held: ${row.held}`
      return [`${row.kind} ${row.key}`, { pending, state }] as const
    })
  )
  const resources = log.map(({ kind, key, outcome }) => ({
    kind,
    key,
    outcome,
    state: touched.get(`${kind} ${key}`)?.state ?? 'not at Seam'
  }))
  for (const key of guests) resources.push({ kind: 'guest', key, outcome: 'changed', state: 'named by the stay' })
  return {
    state: delivery.state,
    events: delivery.outcome === null ? [] : JSON.parse(delivery.outcome),
    resources,
    settled: delivery.state !== 'received' && ![...touched.values()].some(each => each.pending)
  }
}
