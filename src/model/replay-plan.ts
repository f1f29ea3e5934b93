import type { Delivery } from './delivery.ts'
import type { Kind } from './kind.ts'

/** A stored delivery that may run again. */
export interface Candidate extends Delivery {
  /** What hydration answered, by event; undefined where nobody has asked yet. */
  facts: unknown[] | undefined
}

/** Works out what running deliveries again would do, and does nothing. */
export interface ReplayPlanner {
  /** @param candidates a few at a time, as they hold whole bodies */
  outlookOf(candidates: AsyncIterable<Candidate[]>): Promise<ReplayOutlook>
}

/**
 * What Seam would hear of one resource. `push`, `delete`: so. `hold`: nothing, since something is missing. `none`: nothing,
 * since it does not have what is not to be there any more.
 */
export const replayEffects = ['push', 'delete', 'hold', 'none'] as const
export type ReplayEffect = (typeof replayEffects)[number]

/** One resource that would not stay as it is. */
export interface PlannedChange {
  workspaceId: string
  customerKey: string
  kind: Kind
  key: string
  booking: string | null
  effect: ReplayEffect
  /** Why it is held, or gone. */
  reason: string | null
  /** What Seam shall hold by now; null: nothing. */
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  /** Ids of deliveries that tell of it, newest first; of very many not all. None where it only depends on what they tell. */
  deliveries: string[]
}

/** What deliveries would do, merged with what the store held when it was looked at. */
export interface ReplayOutlook {
  /** ms since 1970: what comes afterwards is not in it. */
  at: number
  /** Deliveries that were looked at. */
  examined: number
  /** Those of which the platform has to be asked first, which a plan does not do. */
  unread: number
  /** Those of which it could not be worked out, by reason. */
  notExamined: { reason: string; count: number }[]
  /** Resources that they speak of and that would stay as they are. */
  unchanged: number
  changes: PlannedChange[]
  /** Whether more follows than was worked out. */
  more: boolean
}
