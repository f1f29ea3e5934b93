import { kinds } from '../model/kind.ts'
import type { Candidate, PlannedChange, ReplayOutlook } from '../model/replay-plan.ts'
import type { JobChosen } from '../store/jobs.ts'
import type { DeliveriesChosen } from '../store/replays.ts'
import type { Act, Action } from './act.ts'
import type { Ask } from './ask.ts'
import { badRequest } from './bad-request.ts'
import { bookingNames } from './booking-names.ts'
import { filterNoted, jobReportOf } from './jobs.ts'
import { rangeOf } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import type { JobReport } from './schemas/jobs.ts'
import type { Reveals } from './schemas/parts.ts'
import {
  type NewReplay,
  type PlannedChange as PlannedChangeShown,
  planReplay,
  type ReplayFilter,
  type ReplayPlan,
  startReplay
} from './schemas/replays.ts'
import { instant, type Shown, shownOrNull } from './shown.ts'

const MOST_EXAMINED = 2_000
const MOST_CHANGES = 200
/** So many are counted: a plan is waited for. */
const MOST_COUNTED = 10_000
/** Bodies that are in memory at once. */
const CANDIDATES_AT_ONCE = 50

/** POST /api/v1/replays[/plan] */
export function replays(_ask: Ask, room: OperateRoom, act: Act): void {
  act<unknown, NewReplay, Reveals>('POST', '/api/v1/replays/plan', planReplay, async ({ body, shown }) =>
    planOf(chosenBy(body.filter, room), room, shown)
  )

  act<unknown, NewReplay>('POST', '/api/v1/replays', startReplay, action =>
    beginJob(
      'replay',
      action.body.filter,
      { of: 'deliveries', ...chosenBy(action.body.filter, room) },
      action,
      room
    )
  )
}

/** @throws RelayError RELAY_BAD_REQUEST where nothing is told */
function chosenBy(filter: ReplayFilter, room: OperateRoom): DeliveriesChosen {
  const { connection, state, type, booking, text, ids } = filter
  if (Object.keys(filter).length === 0) {
    throw badRequest('filter: say which deliveries, such as a connection, a time or ids.')
  }
  if (ids !== undefined && [type, booking, text].some(each => each !== undefined)) {
    throw badRequest('ids: go together with connection, state, since and until, and with nothing else.')
  }
  return {
    ...rangeOf(filter),
    connectionId: connection,
    state,
    type,
    text,
    ids,
    booking: booking === undefined ? undefined : bookingNames(booking, room)
  }
}

/** @param filter as it was asked for */
export async function beginJob(
  kind: JobReport['kind'],
  filter: object,
  chosen: JobChosen,
  { operator, audited, shown }: Action<unknown, unknown, unknown>,
  room: OperateRoom
): Promise<JobReport> {
  const id = room.nextId()
  const at = room.now()
  // Of few, the number is known at once.
  const first = chosen.of === 'deliveries' ? await room.replays.part(chosen, id) : undefined
  const total = first?.next === undefined ? first?.ids.length : undefined
  const { ids, ...noted } = filterNoted({ ...filter })
  const counted = Array.isArray(ids) ? { ids: ids.length } : {}
  const job = await room.jobs.begin(
    { id, kind, filter, chosen, actorName: operator.name, at, total },
    audited(kind, `job ${id}`, { ...noted, ...counted })
  )
  room.onJob()
  return jobReportOf(job, at, shown)
}

async function planOf(chosen: DeliveriesChosen, room: OperateRoom, shown: Shown): Promise<ReplayPlan> {
  const ids: string[] = []
  let deliveries = 0
  let tooOld = 0
  let before: string | undefined = room.nextId()
  while (before !== undefined && deliveries + tooOld < MOST_COUNTED) {
    const part = await room.replays.part(chosen, before)
    ids.push(...part.ids.slice(0, MOST_EXAMINED - ids.length))
    deliveries += part.ids.length
    tooOld += part.tooOld
    before = part.next
  }
  const moreDeliveries = before !== undefined
  const outlook = await room.planner.outlookOf(candidates(ids, room))
  const isAll = !moreDeliveries && outlook.examined === deliveries
  return planShown(outlook, { deliveries, moreDeliveries, tooOld, isAll }, shown)
}

async function* candidates(ids: string[], { replays }: OperateRoom): AsyncGenerator<Candidate[]> {
  for (let start = 0; start < ids.length; start += CANDIDATES_AT_ONCE)
    yield await replays.candidates(ids.slice(start, start + CANDIDATES_AT_ONCE))
}

interface Counted {
  deliveries: number
  moreDeliveries: boolean
  tooOld: number
  /** Whether all that were chosen were looked at. */
  isAll: boolean
}

function planShown(
  { at, examined, unread, notExamined, unchanged, changes, more }: ReplayOutlook,
  { deliveries, moreDeliveries, tooOld, isAll }: Counted,
  shown: Shown
): ReplayPlan {
  return {
    at: instant(at),
    deliveries,
    more_deliveries: moreDeliveries,
    too_old: tooOld,
    examined,
    complete: isAll && unread === 0 && notExamined.length === 0 && !more,
    unread,
    not_examined: notExamined,
    unchanged,
    changes: changes.slice(0, MOST_CHANGES).map(each => changeShown(each, shown)),
    more_changes: changes.length > MOST_CHANGES
  }
}

function changeShown(change: PlannedChange, shown: Shown): PlannedChangeShown {
  const { workspaceId, customerKey, kind, key, booking, effect, reason, before, after, deliveries } = change
  const subject = kinds[kind].role === 'place' ? 'place' : 'person'
  return {
    workspace: workspaceId,
    customer_key: shown.key(customerKey),
    kind,
    key: shown.key(key),
    booking: booking === null ? null : shown.key(booking),
    effect,
    reason: shownOrNull(shown, reason),
    fields: differing(before, after),
    before: before === null ? null : shown.json(before, subject),
    after: after === null ? null : shown.json(after, subject),
    deliveries
  }
}

function differing(before: PlannedChange['before'], after: PlannedChange['after']): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...names].filter(name => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
}
