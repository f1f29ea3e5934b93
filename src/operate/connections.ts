import type { FastifyRequest } from 'fastify'
import type { Connection } from '../model/connection.ts'
import { madeAt } from '../model/ids.ts'
import { platformOf } from '../platforms/platform.ts'
import { webhookAddresses } from '../platforms/webhook-addresses.ts'
import { HOUR_MS } from '../store/tallies.ts'
import type { Ask } from './ask.ts'
import { afterId, nextOf } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import { type ConnectionReport, listConnections } from './schemas/connections.ts'
import type { Paged } from './schemas/parts.ts'
import { instantOrNull } from './shown.ts'
import { expectedSilenceMs, LEARNT_FROM_MS } from './silence.ts'

const DAY_MS = 24 * HOUR_MS
const REJECTED = 'rejected '

/** GET /api/v1/connections */
export function connections(ask: Ask, room: OperateRoom): void {
  const sorted = [...room.connections].sort((a, b) => (a.id < b.id ? -1 : 1))

  ask<unknown, Paged>('/api/v1/connections', listConnections, async ({ query, request }) => {
    const after = afterId(query)
    const left = sorted.filter(each => after === undefined || each.id > after)
    const part = left.slice(0, query.limit)
    const last = part.at(-1)
    return {
      data: await reportsOf(part, room, originOf(request, room)),
      next_cursor: nextOf(query, left.length > part.length && last ? [last.id] : undefined)
    }
  })
}

function originOf({ protocol, host }: FastifyRequest, { publicUrl }: OperateRoom): string {
  return publicUrl?.replace(/\/+$/, '') ?? `${protocol}://${host}`
}

async function reportsOf(part: Connection[], room: OperateRoom, origin: string): Promise<ConnectionReport[]> {
  const now = room.now()
  const ids = part.map(each => each.id)
  const latest = await room.tallies.latest(ids)
  const hours = await room.tallies.hoursOf(ids, now - LEARNT_FROM_MS)
  const dayOf = Map.groupBy(await room.tallies.ofConnections(now - DAY_MS), each => each.connectionId)
  const open = Map.groupBy(await room.trouble.open(ids), row => row.connection_id)
  const rejected = Map.groupBy(await room.rejected.counts(), each => each.connectionId)
  return part.flatMap(connection => {
    const { id } = connection
    const platform = platformOf(room.platforms, connection)
    if (platform === undefined) return []
    const lastId = latest.get(id)
    const lastAt = lastId === undefined ? undefined : madeAt(lastId)
    const silentMs = lastAt === undefined ? undefined : Math.max(0, now - lastAt)
    const expectedMs = expectedSilenceMs(hours.get(id) ?? [])
    const ofDay = dayOf.get(id) ?? []
    const countOf = (state: string) => open.get(id)?.find(row => row.state === state)?.count ?? 0
    return {
      id,
      platform: connection.platform,
      platform_title: platform.title,
      workspace: connection.workspaceId,
      customer_key: connection.customerKey,
      addresses: webhookAddresses(connection, platform).map(path => `${origin}${path}`),
      verified_by: platform.verification.description,
      reads_platform: connection.api !== undefined,
      last_received_at: instantOrNull(lastAt),
      accepted_24h: ofDay.find(each => each.what === 'received')?.count ?? 0,
      rejected_24h: ofDay
        .filter(each => each.what.startsWith(REJECTED))
        .map(each => ({ cause: each.what.slice(REJECTED.length), count: each.count })),
      last_rejected_at: instantOrNull(
        rejected.get(id)?.reduce((last, each) => Math.max(last, each.lastAt), 0)
      ),
      held: countOf('held'),
      dead: countOf('dead'),
      expected_silence_seconds: expectedMs === undefined ? null : expectedMs / 1000,
      silent_for_seconds: silentMs === undefined ? null : Math.floor(silentMs / 1000),
      unusually_silent: silentMs !== undefined && expectedMs !== undefined && silentMs > expectedMs
    }
  })
}
