import { kinds } from '../model/kind.ts'
import type { PlannedChange, ReplayEffect } from '../model/replay-plan.ts'
import type { Lane } from '../store/resources.ts'
import { type Decided, type DecideOptions, decide } from './decide.ts'
import type { Effect } from './effect.ts'
import type { LaneView } from './lane-view.ts'
import { idOf, type Resource, type Touched } from './resource.ts'
import type { Said, SaidByCaller } from './said.ts'

/** What would become of a lane. */
export interface LanePreview {
  changes: PlannedChange[]
  /** Resources that were looked at and would stay as they are. */
  unchanged: number
  /** Whether more follows from it than was worked out. */
  more: boolean
}

/** So often a lane may move while it is looked at. */
const MOST_ROUNDS = 4
/** A place may be named by very many stays. */
const MOST_DEPENDENTS = 2_000
/** Of the deliveries that tell of one resource. */
const MOST_NAMED = 20

/**
 * What the store would hold of a lane if all of this were taken in, compared with what it holds: nothing is written, and
 * nobody waits for it. Order does not matter, since stamps decide.
 * @returns undefined where the lane moves faster than it can be looked at
 * @throws as {@link decide}
 */
export async function previewOf(
  options: DecideOptions,
  lane: Lane,
  said: (Said | SaidByCaller)[],
  now: number,
  breathe: () => Promise<void>
): Promise<LanePreview | undefined> {
  const { lanes } = options.queries
  const wide = { ...options, mostDependents: MOST_DEPENDENTS }
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const revision = await lanes.revision(lane)
    const decided = await decide(wide, lane, { said, redraw: [] }, now, breathe)
    // Others may have written between two of its readings.
    if ((await lanes.revision(lane)) === revision) return differences(lane, decided)
  }
  return undefined
}

async function differences(lane: Lane, { view, effects }: Decided): Promise<LanePreview> {
  const effectsOf = Map.groupBy(effects, ({ ref }) => idOf(ref))
  const touched = view.touched()
  const changes: PlannedChange[] = []
  for (const row of touched) {
    await view.breathe()
    changes.push(...(changeOf(lane, view, row, effectsOf.get(idOf(row)) ?? []) ?? []))
  }
  return { changes, unchanged: touched.length - changes.length, more: view.hasMoreToDraw }
}

function changeOf(lane: Lane, view: LaneView, row: Touched, effects: Effect[]): [PlannedChange] | undefined {
  const known: Resource | undefined =
    row.before.whole === undefined ? undefined : JSON.parse(row.before.whole)
  const isSent = view.isInsistedOn(row) || row.before.fields !== JSON.stringify(row.fields)
  if (!isSent && (known?.held ?? null) === row.held) return undefined
  const fresh = effects.filter(each => !each.stale)
  const ids = [...new Set(fresh.map(each => each.said.deliveryId))].sort().reverse()
  const change: PlannedChange = {
    ...lane,
    kind: row.kind,
    key: row.key,
    booking: row.booking,
    effect: replayEffectOf(row, isSent, view.isInsistedOn(row)),
    reason: row.held ?? fresh.findLast(each => each.note !== null)?.note ?? null,
    before: JSON.parse(row.before.fields),
    after: row.fields,
    deliveries: ids.slice(0, MOST_NAMED)
  }
  return [change]
}

function replayEffectOf(row: Touched, isSent: boolean, isInsistedOn: boolean): ReplayEffect {
  if (isSent && row.fields !== null) return 'push'
  const mayBeAtSeam = row.offered || isInsistedOn
  if (isSent && mayBeAtSeam && kinds[row.kind].deleteList !== undefined) return 'delete'
  return row.held === null ? 'none' : 'hold'
}
