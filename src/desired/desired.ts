import type { Connection } from '../model/connection.ts'
import { DAY_MS } from '../model/durations.ts'
import { madeAt } from '../model/ids.ts'
import type { Due } from '../store/lanes.ts'
import type { Lane } from '../store/resources.ts'
import { alwaysCurrent, type SettingsGuard } from '../store/settings-guard.ts'
import type { Store } from '../store/store.ts'
import type { ChangeOutcome } from '../store/tables.ts'
import type { Write } from '../store/write.ts'
import { decide, type Matter } from './decide.ts'
import type { Effect } from './effect.ts'
import type { LaneView } from './lane-view.ts'
import type { Queries } from './queries.ts'
import type { Resource } from './resource.ts'
import { isByCaller } from './said.ts'

/** What one delivery, or one redrawing, brings to a lane. */
export interface Work extends Matter {
  /** Committed together with the outcome: the delivery's own end. */
  also: Write[]
}

export interface DesiredOptions {
  store: Store
  queries: Queries
  connectionOf(id: string): Connection | undefined
  /** Whether others on the same store draw with newer settings by now. */
  settings?: SettingsGuard | undefined
  now(): number
  /** How long a change waits for others before it is sent, ms. */
  quietWindowMs: number
  /** Something is to be sent, so many ms from now. */
  onDue(afterMs: number): void
  /** Something waits to be drawn again. */
  onRedraw?(): void
  /** What became of each change that was said; on disk. */
  onChanges?(outcomes: ChangeOutcome[]): void
  /** Stays that one commit draws because of what they name, at most; the others are drawn again soon. */
  mostDependents?: number
}

/** A stay that begins sooner than this does not wait for the quiet window. */
const URGENT_MS = DAY_MS

/** Works that share one commit, at most. */
const MOST_AT_ONCE = 64

export interface Desired {
  /**
   * Takes works into the desired state of a customer; on disk when it answers. Works for one lane that wait at the same
   * moment are taken together.
   * @throws RelayError RELAY_STORE_UNAVAILABLE; KeyHasOwner where a caller's key is another customer's
   */
  apply(lane: Lane, work: Work): Promise<void>
}

interface Waiting {
  work: Work
  resolve(): void
  reject(error: unknown): void
}

export function desiredState(options: DesiredOptions): Desired {
  const queues = new Map<string, Waiting[]>()

  async function drain(lane: Lane, id: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) await takeIn(lane, queue.splice(0, MOST_AT_ONCE))
    queues.delete(id)
  }

  async function takeIn(lane: Lane, batch: Waiting[]): Promise<void> {
    try {
      await commitWorks(
        options,
        lane,
        batch.map(each => each.work)
      )
      for (const each of batch) each.resolve()
    } catch (error) {
      // One work that cannot be taken in must not hold up its neighbours.
      if (batch.length > 1) for (const each of batch) await takeIn(lane, [each])
      else batch[0]?.reject(error)
    }
  }

  return {
    apply(lane, work) {
      return new Promise((resolve, reject) => {
        const id = JSON.stringify([lane.workspaceId, lane.customerKey])
        const waiting = { work, resolve, reject }
        const queue = queues.get(id)
        if (queue !== undefined) return void queue.push(waiting)
        const started = [waiting]
        queues.set(id, started)
        void drain(lane, id, started)
      })
    }
  }
}

/** Reads, decides, commits; begins again where another worker moved the lane in between. */
async function commitWorks(options: DesiredOptions, lane: Lane, works: Work[]): Promise<void> {
  const { settings = alwaysCurrent } = options
  for (;;) {
    const now = options.now()
    const matter = {
      said: works.flatMap(work => work.said),
      redraw: works.flatMap(work => work.redraw)
    }
    const { view, effects } = await decide(options, lane, matter, now)
    const due = dueOf(view, effects, now, options.quietWindowMs)
    const log = effects.map(effect => logged(lane, effect, view.nextRevision, now))
    const connectionIds = [
      ...matter.said.flatMap(each => (isByCaller(each) ? [] : [each.connection.id])),
      ...view.touched().map(row => row.connectionId)
    ]
    const writes = [
      ...settings.holds(connectionIds),
      ...view.writes(now, due),
      options.queries.resources.log(log),
      ...works.flatMap(work => work.also)
    ]
    const committed = await options.store.commit(writes)
    if (!committed.committed) {
      await settings.check(connectionIds)
      continue
    }
    options.onChanges?.(log.map(each => each.outcome))
    if (due !== undefined) options.onDue(due.dueAt - now)
    if (view.hasMoreToDraw) options.onRedraw?.()
    return
  }
}

/** When the lane is to be sent; undefined where nothing changed for Seam. */
function dueOf(view: LaneView, effects: Effect[], now: number, quietWindowMs: number): Due | undefined {
  const isChanged = (row: Resource | undefined) => row?.revision === view.nextRevision
  const changed = view.touched().filter(isChanged)
  if (changed.length === 0) return undefined
  // A stay under way is as urgent as one that begins now, however long it has lasted.
  const arrivals = changed.map(row => row.startsAt).filter(start => start !== null)
  const arrivalAt = arrivals.length === 0 ? null : Math.max(now, Math.min(...arrivals))
  const urgent = arrivalAt !== null && arrivalAt - now < URGENT_MS
  // Of settings that were edited, or a contact that came free, no delivery has told.
  const heard = effects.filter(({ row }) => isChanged(row)).map(({ said }) => madeAt(said.deliveryId))
  const heardAt = heard.length === 0 ? undefined : Math.min(...heard)
  return { dueAt: urgent ? now : now + quietWindowMs, arrivalAt, heardAt }
}

function logged(lane: Lane, effect: Effect, revision: number, at: number) {
  const { row, said } = effect
  const changed = row !== undefined && row.revision === revision
  let outcome: ChangeOutcome = 'unchanged'
  if (effect.stale) outcome = 'stale'
  else if (row?.held != null) outcome = 'held'
  else if (changed) outcome = 'changed'
  return {
    delivery_id: said.deliveryId,
    event_index: said.eventIndex,
    at,
    workspace_id: lane.workspaceId,
    customer_key: lane.customerKey,
    kind: effect.ref.kind,
    key: effect.ref.key,
    booking: effect.booking,
    version: effect.version,
    outcome,
    revision: changed ? revision : null,
    note: row?.held ?? effect.note
  }
}
