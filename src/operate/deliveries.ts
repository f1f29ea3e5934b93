import { CALLERS } from '../model/call.ts'
import type { Connection } from '../model/connection.ts'
import { parseJson } from '../model/delivery.ts'
import { kinds } from '../model/kind.ts'
import { platformOf } from '../platforms/platform.ts'
import type { BookingNames, ListedDelivery as Row } from '../store/operate-deliveries.ts'
import { stateOf } from '../store/operate-resources.ts'
import { type MadeCall as CallRow, nameOf } from '../store/reports.ts'
import type { Ask } from './ask.ts'
import { afterId, filterOf, nextOf, rangeOf } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import {
  type ListedDelivery,
  listDeliveries,
  type MadeCall,
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
/** What is longer is of no use on a page. */
const MOST_MASKED_BYTES = 256 * 1024

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
      next_cursor: nextOf(query, next === undefined ? undefined : [next])
    }
  })

  ask<{ id: string }, Reveals>('/api/v1/deliveries/:id', readDelivery, ({ params, shown }) =>
    wholeOf(params.id, room, shown)
  )
}

/** A booking as operators write it: with or without the prefix of its connection. */
export function bookingNames(
  booking: string,
  { connections, workspaces }: Pick<OperateRoom, 'connections' | 'workspaces'>
): BookingNames {
  const lanes = new Map(
    connections.map(({ workspaceId, customerKey }) => [
      JSON.stringify([workspaceId, customerKey]),
      { workspaceId, customerKey }
    ])
  )
  return {
    keys: [booking, ...connections.map(({ id }) => `${id}:${booking}`)],
    lanes: [...lanes.values()],
    workspaces
  }
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
  const connection = room.connections.find(each => each.id === row.connection_id)
  const facts: unknown = row.facts === null ? null : JSON.parse(row.facts)
  const { changes, more } = await changesOf(id, room, shown)
  return {
    ...listedOf(row, shown),
    ...requestOf(row, connection, room, shown, row.emptied === 0),
    facts: { known: facts !== null, value: facts === null ? null : shown.json(facts) },
    changes,
    more_changes: more
  }
}

interface KeptRequest {
  connection_id: string
  headers: string
  query: string
  body: Uint8Array
}

/** The request itself, as far as it may be shown. */
export function requestOf(
  row: KeptRequest,
  connection: Connection | undefined,
  { platforms }: Pick<OperateRoom, 'platforms'>,
  shown: Shown,
  isKept: boolean,
  accepted = true
) {
  const headers: Record<string, string> = JSON.parse(row.headers)
  const verification = connection && platformOf(platforms, connection)?.verification
  const evidence = verification?.evidence ?? []
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, shown.key(value)])),
    query: shown.json(JSON.parse(row.query)) as Record<string, string[]>,
    verification: {
      accepted,
      by: row.connection_id === CALLERS ? 'an API key' : (verification?.description ?? null),
      evidence: evidence.filter(name => headers[name] !== undefined)
    },
    body: bodyOf(row.body, isKept, shown)
  }
}

function bodyOf(body: Uint8Array, isKept: boolean, shown: Shown): WholeDelivery['body'] {
  const text = shown.isRevealed && isKept ? textOf(body) : null
  return {
    bytes: body.byteLength,
    kept: isKept,
    masked: isKept && !shown.isRevealed ? maskedBody(body, shown) : null,
    text,
    base64: shown.isRevealed && isKept && text === null ? Buffer.from(body).toString('base64') : null
  }
}

function maskedBody(body: Uint8Array, shown: Shown): unknown {
  if (body.byteLength > MOST_MASKED_BYTES) return null
  try {
    return shown.json(parseJson(body))
  } catch {
    return null
  }
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}

async function changesOf(
  id: string,
  { deliveries, resources, reports }: OperateRoom,
  shown: Shown
): Promise<{ changes: WholeDelivery['changes']; more: boolean }> {
  const all = await deliveries.changes(id, MOST_CHANGES + 1)
  const told = all.slice(0, MOST_CHANGES)
  const changes: WholeDelivery['changes'] = []
  for (const [workspaceId, ofWorkspace] of Map.groupBy(told, each => each.workspace_id)) {
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
    for (const each of ofWorkspace) {
      const name = nameOf({ kind: each.kind, key: each.key, customerKey: each.customer_key })
      const row = known.get(name)
      const warnings = row?.warnings ?? null
      changes.push({
        ...changeOf(each, shown),
        event: each.event_index,
        state: row === undefined ? null : stateOf(row),
        warnings: warnings === null ? [] : JSON.parse(warnings),
        calls:
          each.revision === null ? [] : (calls.get(name) ?? []).map(call => madeCallOf(call, each, shown))
      })
    }
  }
  return { changes, more: all.length > MOST_CHANGES }
}

interface ChangeRow {
  workspace_id: string
  customer_key: string
  kind: string
  key: string
  booking: string | null
  at: number
  version: number
  outcome: 'changed' | 'unchanged' | 'stale' | 'held'
  revision: number | null
  note: string | null
}

export function changeOf(row: ChangeRow, shown: Shown) {
  return {
    workspace: row.workspace_id,
    customer_key: shown.key(row.customer_key),
    kind: row.kind,
    key: shown.key(row.key),
    booking: row.booking === null ? null : shown.key(row.booking),
    at: instant(row.at),
    version: versionTime(row.version),
    outcome: row.outcome,
    revision: row.revision,
    note: shownOrNull(shown, row.note)
  }
}

/** A platform's clock may say anything. */
export function versionTime(version: number): string | null {
  return Number.isNaN(new Date(version).getTime()) || version === 0 ? null : instant(version)
}

function madeCallOf(call: CallRow, { workspace_id, customer_key }: ChangeRow, shown: Shown): MadeCall {
  return callOf({ ...call, workspace_id, customer_key }, shown)
}

interface AttemptRow {
  id: string
  workspace_id: string
  customer_key: string
  operation: MadeCall['operation']
  started_at: number
  duration_ms: number
  status: number | null
  request_id: string | null
  error: string | null
}

export function callOf(row: AttemptRow, shown: Shown): MadeCall {
  return {
    id: row.id,
    operation: row.operation,
    workspace: row.workspace_id,
    customer_key: shown.key(row.customer_key),
    at: instant(row.started_at),
    duration_ms: row.duration_ms,
    status: row.status,
    seam_request_id: row.request_id,
    error: shownOrNull(shown, row.error)
  }
}
