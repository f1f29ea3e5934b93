import type { LanePosition, LaneReport, LaneState } from '../store/operate-lanes.ts'
import { type Pause, pauseOfLane, pauseOfWorkspace } from '../store/pauses.ts'
import type { Act } from './act.ts'
import type { Ask } from './ask.ts'
import { positionIn } from './cursor.ts'
import { filterOf, nextOf } from './lists.ts'
import { maskKey } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import { pausedOf } from './pauses.ts'
import {
  type CustomerReport,
  listCustomers,
  listWorkspaces,
  pushAgainOperation,
  readCustomer,
  type WorkspaceReport
} from './schemas/customers.ts'
import type { Paged, Reveals } from './schemas/parts.ts'
import { instantOrNull, type Shown, shownOrNull } from './shown.ts'

interface ListQuery extends Paged, Reveals {
  workspace?: string
  state?: LaneState
  prefix?: string
}

interface Named {
  workspace: string
  customer: string
}

/** GET /api/v1/customers[/:workspace/:customer], POST …/push-again, and GET /api/v1/workspaces */
export function customers(ask: Ask, room: OperateRoom, act: Act): void {
  ask<unknown, ListQuery>('/api/v1/customers', listCustomers, async ({ query, shown }) => {
    const { workspace: workspaceId, state, prefix, limit } = query
    const filter = { workspaceId, state, prefix }
    const { rows, next } = await room.lanes.list(filter, afterLane(query), limit, room.now())
    const pauses = await room.pauses.all()
    return {
      data: rows.map(row => reportOf(row, pauses, room, shown)),
      next_cursor: nextOf(query, next && [next.dueAt, next.workspaceId, next.customerKey])
    }
  })

  const url = '/api/v1/customers/:workspace/:customer'
  ask<Named, Reveals>(url, readCustomer, async ({ params, shown }) => {
    const row = await room.lanes.one(laneOf(params))
    return row && reportOf(row, await room.pauses.all(), room, shown)
  })

  act<Named, unknown>('POST', `${url}/push-again`, pushAgainOperation, async ({ params, audited }) => {
    const entry = audited('push_again', `${params.workspace}/${maskKey(params.customer)}`, {})
    const resources = await room.pushingAgain.pushAgain(laneOf(params), room.now(), [entry])
    if (resources === undefined) return undefined
    room.onDue()
    return { resources }
  })

  ask('/api/v1/workspaces', listWorkspaces, async ({ shown }) => ({ data: await workspacesOf(room, shown) }))
}

function laneOf({ workspace, customer }: Named) {
  return { workspaceId: workspace, customerKey: customer }
}

function afterLane(query: ListQuery): LanePosition | undefined {
  const position = positionIn(query.cursor, filterOf(query), ['number', 'string', 'string'])
  if (position === undefined) return undefined
  const [dueAt, workspaceId, customerKey] = position
  return { dueAt: Number(dueAt), workspaceId: `${workspaceId}`, customerKey: `${customerKey}` }
}

function reportOf(
  row: LaneReport,
  pauses: Pause[],
  { connections, now }: OperateRoom,
  shown: Shown
): CustomerReport {
  const at = now()
  const pause = pauseOfLane(pauses, { workspaceId: row.workspace_id, customerKey: row.customer_key })
  return {
    workspace: row.workspace_id,
    customer_key: shown.key(row.customer_key),
    connections: connections
      .filter(each => each.workspaceId === row.workspace_id && each.customerKey === row.customer_key)
      .map(each => each.id),
    waiting: row.waiting,
    held: row.held,
    refused: row.refused,
    due_at: instantOrNull(row.due_at),
    due_for_seconds: secondsSince(row.due_at, at),
    not_before: row.not_before > at ? instantOrNull(row.not_before) : null,
    sending: row.lease_until !== null && row.lease_until > at,
    failures: row.failures,
    error: row.last_error === null ? null : shown.seamWords(row.last_error, undefined),
    offboarding: row.offboard_due === 1,
    offboarded: row.offboard_stamp !== null,
    paused: pausedOf(pause, shown)
  }
}

function secondsSince(then: number | null, now: number): number {
  return then === null ? 0 : Math.max(0, Math.floor((now - then) / 1000))
}

/** Those of the settings, and those that something is kept of. */
async function workspacesOf(
  { workspaces, lanes, pauses, now }: OperateRoom,
  shown: Shown
): Promise<WorkspaceReport[]> {
  const at = now()
  const paused = await pauses.all()
  const held = new Map((await lanes.workspaces()).map(row => [row.id, row]))
  const ids = [...new Set([...workspaces, ...held.keys()])].sort()
  return Promise.all(
    ids.map(async id => {
      const row = held.get(id)
      const { count, oldest } = await lanes.due(id, at)
      const isHeld = row !== undefined && (row.failures > 0 || row.wait_until > at)
      return {
        id,
        known: workspaces.includes(id),
        state: !isHeld ? 'works' : row.stopped === 1 ? 'stopped' : 'waits',
        until: isHeld ? instantOrNull(row.wait_until) : null,
        reason: isHeld ? shownOrNull(shown, row.reason) : null,
        failures: row?.failures ?? 0,
        due: count,
        due_for_seconds: secondsSince(oldest, at),
        paused: pausedOf(pauseOfWorkspace(paused, id), shown)
      } as const
    })
  )
}
