import { kinds } from '../model/kind.ts'
import type { ListedDelivery as Row } from '../store/operate-deliveries.ts'
import { stateOf } from '../store/operate-resources.ts'
import { nameOf } from '../store/reported-calls.ts'
import type { Ask } from './ask.ts'
import { bookingNames } from './booking-names.ts'
import { callsShown, changeOf } from './history.ts'
import { afterId, filterOf, nextAfterId, rangeOf } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import { requestOf } from './request.ts'
import {
  type ListedDelivery,
  listDeliveries,
  readDelivery,
  type WholeDelivery
} from './schemas/deliveries.ts'
import type { Paged, Reveals, Timed } from './schemas/parts.ts'
import { instant, instantOrNull, type Shown, shownOrNull } from './shown.ts'

interface ListQuery extends Paged, Reveals, Timed {
  connection?: string
  state?: ListedDelivery['state']
  type?: string
  booking?: string
  text?: string
}

const MOST_EVENTS = 20
const MOST_CHANGES = 200

/** GET /api/v1/deliveries[/:id] */
export function deliveries(ask: Ask, room: OperateRoom): void {
  ask<unknown, ListQuery>('/api/v1/deliveries', listDeliveries, async ({ query, shown }) => {
    const { connection, booking, state, type, text } = filterOf(query)
    const { rows, next } = await room.deliveries.list(
      {
        ...rangeOf(query),
        state,
        type,
        text,
        connectionId: connection,
        booking: booking === undefined ? undefined : bookingNames(booking, room)
      },
      afterId(query),
      query.limit
    )
    return {
      data: rows.map(row => listedOf(row, shown)),
      next_cursor: nextAfterId(query, next)
    }
  })

  ask<{ id: string }, Reveals>('/api/v1/deliveries/:id', readDelivery, ({ params, shown }) =>
    wholeOf(params.id, room, shown)
  )
}

export function listedOf(row: Row, shown: Shown): ListedDelivery {
  const events = eventsOf(row.outcome)
  return {
    id: row.id,
    connection: row.connection_id,
    platform: row.platform,
    platform_id: row.dedupe_key === null ? null : shown.key(row.dedupe_key),
    received_at: instant(row.received_at),
    state: row.state,
    attempts: row.attempts,
    due_at: row.state === 'received' ? instant(row.due_at) : null,
    done_at: instantOrNull(row.done_at),
    events: events.slice(0, MOST_EVENTS).map(each => ({
      type: shown.text(each.type),
      outcome: each.outcome,
      reason: shownOrNull(shown, each.reason ?? null),
      code: each.code ?? null
    })),
    event_count: events.length,
    error: shownOrNull(shown, row.last_error),
    replayable: row.emptied === 0
  }
}

interface KeptEvent {
  type: string
  outcome: ListedDelivery['events'][number]['outcome']
  reason?: string
  code?: string
}

export function eventsOf(outcome: string | null): KeptEvent[] {
  return outcome === null ? [] : JSON.parse(outcome)
}

async function wholeOf(id: string, room: OperateRoom, shown: Shown): Promise<WholeDelivery | undefined> {
  const row = await room.deliveries.whole(id)
  if (row === undefined) return undefined
  const facts: unknown = row.facts === null ? null : JSON.parse(row.facts)
  const { changes, more } = await changesOf(id, room, shown)
  return {
    ...listedOf(row, shown),
    ...requestOf(row, room, shown, { accepted: true, kept: row.emptied === 0 }),
    facts: { known: facts !== null, value: facts === null ? null : shown.json(facts) },
    changes,
    more_changes: more
  }
}

async function changesOf(
  id: string,
  room: OperateRoom,
  shown: Shown
): Promise<{ changes: WholeDelivery['changes']; more: boolean }> {
  const { deliveries, resources, reports } = room
  const all = await deliveries.changes(id, MOST_CHANGES + 1)
  const first = all.slice(0, MOST_CHANGES)
  const changes: WholeDelivery['changes'] = []
  for (const [workspaceId, ofWorkspace] of Map.groupBy(first, each => each.workspace_id)) {
    const rows = await resources.withKeys(
      workspaceId,
      ofWorkspace.map(each => each.key),
      MOST_CHANGES * Object.keys(kinds).length
    )
    const known = new Map(
      rows.map(row => [nameOf({ kind: row.kind, key: row.key, customerKey: row.customer_key }), row])
    )
    const carried = ofWorkspace.flatMap(({ kind, key, customer_key: customerKey, revision }) =>
      revision === null ? [] : { kind, key, customerKey, since: revision }
    )
    const calls = await reports.calls(workspaceId, carried)
    const callOf = await callsShown([...calls.values()].flat(), room, shown)
    for (const each of ofWorkspace) {
      const { workspace_id, customer_key } = each
      const name = nameOf({ kind: each.kind, key: each.key, customerKey: customer_key })
      const row = known.get(name)
      const warnings = row?.warnings ?? null
      changes.push({
        ...changeOf(each, shown),
        event: each.event_index,
        state: row === undefined ? null : stateOf(row),
        warnings: warnings === null ? [] : JSON.parse(warnings),
        calls:
          each.revision === null
            ? []
            : (calls.get(name) ?? []).map(call => callOf({ ...call, workspace_id, customer_key }))
      })
    }
  }
  return { changes, more: all.length > MOST_CHANGES }
}
