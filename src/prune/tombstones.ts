import { CALLERS } from '../model/call.ts'
import type { Connection } from '../model/connection.ts'
import { DAY_MS } from '../model/durations.ts'
import { peopleKinds } from '../model/kind.ts'
import { LONGEST_RETRY_DAYS } from '../model/retention.ts'
import { heardAt, NEVER, versionOf } from '../model/stamp.ts'
import type { Lanes } from '../store/lanes.ts'
import type { Portion } from '../store/portion.ts'
import {
  type BookingRow,
  type Lane,
  type ResourceRow,
  type Resources,
  strayLane
} from '../store/resources.ts'
import type { Store } from '../store/store.ts'
import type { Forgetting, GoneRow, Tombstones } from '../store/tombstones.ts'
import { resultsOf, type Write } from '../store/write.ts'

export interface TombstonesOptions {
  store: Store
  tombstones: Tombstones
  queries: { lanes: Lanes; resources: Resources }
  connections: Pick<Connection, 'id' | 'workspaceId' | 'customerKey'>[]
}

/** While so many deliveries are under way, nobody asks how old they are: what is gone is remembered a little longer. */
const MOST_UNDER_WAY = 1_000

interface Decision {
  /** Nothing that came before this time may be taken in afterwards; ms since 1970. */
  until: number
  forgetting(guard: Forgetting): Write[]
}

/** A page in the order in which something is looked through. */
interface Page<Row> {
  rows: Row[]
  isLast: boolean
}

/**
 * Forgets what is long gone. A tombstone is all that keeps an older word of a resource from bringing it back, so it goes
 * only when there is no such word any more: every try of the platform is over, and no delivery that came before then is
 * under way or held. From then on none can be let run again either; the store sees to that.
 */
export function tombstonesRoom({ store, tombstones, queries, connections }: TombstonesOptions) {
  /** Each lane's rows in a commit of their own, which counts only if nobody has moved the lane since it was looked at. */
  async function forget<Row extends BookingRow | GoneRow>(
    { rows, isLast }: Page<Row>,
    decide: (lane: Lane, rows: Row[]) => Promise<Decision | undefined>
  ): Promise<Portion<Row>> {
    const next = isLast ? undefined : rows.at(-1)
    if (rows.length === 0 || (await tombstones.isBacklog(MOST_UNDER_WAY))) return { removed: 0, next }
    let removed = 0
    for (const ofLane of Map.groupBy(rows, laneIdOf).values()) {
      const [first] = ofLane as [Row]
      const lane = { workspaceId: first.workspace_id, customerKey: first.customer_key }
      const revision = await queries.lanes.revision(lane)
      const decision = await decide(lane, ofLane)
      if (decision === undefined) continue
      const { until, forgetting } = decision
      const guard = { lane, revision, until, connections: await speakersOf(lane, ofLane) }
      const results = resultsOf(await store.commit(forgetting(guard)))
      removed += results.at(-1)?.changes ?? 0
    }
    return { removed, next }
  }

  /** @param before ms since 1970 */
  async function forgetResources(before: number, limit: number, from?: GoneRow): Promise<Portion<GoneRow>> {
    const rows = await tombstones.gone(before, limit, from)
    return forget({ rows, isLast: rows.length < limit }, async (lane, ofLane) => {
      // As they are by now: who has changed one since then has moved the lane.
      const known = await queries.resources.byRef(lane, ofLane)
      const wanted = new Set(ofLane.map(row => `${row.kind} ${row.key}`))
      const gone = known.filter(row => wanted.has(`${row.kind} ${row.key}`) && isLongGone(row, before))
      if (gone.length === 0) return undefined
      const until = retriedUntil(gone.map(row => row.updated_at))
      return { until, forgetting: guard => tombstones.forgetResources(guard, gone) }
    })
  }

  /** Bookings without a stay, which the store knows best. @param before ms since 1970 */
  async function forgetBookings(
    before: number,
    limit: number,
    from?: BookingRow
  ): Promise<Portion<BookingRow>> {
    const rows = await tombstones.emptyBookings(before, limit, from?.stamp ?? NEVER)
    return forget({ rows, isLast: rows.length < limit }, async (_lane, ofLane) => {
      const until = retriedUntil(ofLane.flatMap(({ stamp }) => [versionOf(stamp), heardAt(stamp)]))
      return { until, forgetting: guard => tombstones.forgetBookings(guard, ofLane) }
    })
  }

  /**
   * Whose held deliveries may speak of these rows: connections of the customer, which may share keys, and callers. What
   * only callers have spoken of may be anybody's, also of a connection that is not in the file at present.
   */
  async function speakersOf(lane: Lane, rows: { connection_id: string }[]): Promise<string[]> {
    const ofCallers = rows.some(row => row.connection_id === CALLERS)
    const isStray = lane.customerKey === strayLane(lane.workspaceId).customerKey
    const ofLane = connections.filter(
      each => each.workspaceId === lane.workspaceId && (isStray || each.customerKey === lane.customerKey)
    )
    const inFile = new Set(connections.map(each => each.id))
    const open = ofCallers ? await tombstones.connectionsWithOpen() : []
    const ids = [...ofLane.map(each => each.id), ...open.filter(id => !inFile.has(id))]
    return [...new Set([...ids, ...rows.map(row => row.connection_id), CALLERS])]
  }

  return { forgetResources, forgetBookings }
}

/** A place or stay that was taken away, a person too; or a person whom nothing has needed since. Nobody and nothing that is merged. */
function isLongGone(row: ResourceRow, before: number): boolean {
  const isNothing = row.fields === null && row.offered === 0 && row.revision <= row.synced_revision
  if (!isNothing || row.updated_at >= before) return false
  const isRemoved = row.removed_stamp !== NEVER && row.upsert_stamp <= row.removed_stamp
  if (!isRemoved && !peopleKinds.includes(row.kind)) return false
  return !Object.hasOwn(JSON.parse(row.facts), 'mergedInto')
}

/** When the last try of a platform to tell what was true before these times is over. */
function retriedUntil(times: number[]): number {
  return Math.max(...times) + LONGEST_RETRY_DAYS * DAY_MS
}

function laneIdOf(row: { workspace_id: string; customer_key: string }): string {
  return JSON.stringify([row.workspace_id, row.customer_key])
}
