import type { ListedRejection as Row } from '../store/operate-attempts.ts'
import type { Act } from './act.ts'
import type { Ask } from './ask.ts'
import { badRequest } from './bad-request.ts'
import { afterId, nextAfterId } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import { requestOf } from './request.ts'
import type { Paged, Reveals } from './schemas/parts.ts'
import {
  type ListedRejection,
  listRejected,
  listRejectionCauses,
  type Retake,
  readRejected,
  retakeOperation
} from './schemas/rejected.ts'
import { instant } from './shown.ts'

interface ListQuery extends Paged, Reveals {
  connection?: string
  cause?: string
}

/** Beside the rejected requests by their ids. */
export const RETAKE = '/api/v1/rejected/retake'

/** GET /api/v1/rejected[/:id] and /api/v1/rejection-causes, POST /api/v1/rejected/retake */
export function rejected(ask: Ask, room: OperateRoom, act: Act): void {
  ask<unknown, ListQuery>('/api/v1/rejected', listRejected, async ({ query }) => {
    const { connection: connectionId, cause, limit } = query
    const { rows, next } = await room.attempts.rejected({ connectionId, cause }, afterId(query), limit)
    return {
      data: rows.map(listedRejection),
      next_cursor: nextAfterId(query, next)
    }
  })

  ask<{ id: string }, Reveals>('/api/v1/rejected/:id', readRejected, async ({ params, shown }) => {
    const row = await room.attempts.rejection(params.id)
    if (row === undefined) return undefined
    return { ...listedRejection(row), ...requestOf(row, room, shown, { accepted: false, kept: true }) }
  })

  act<unknown, Retake>('POST', RETAKE, retakeOperation, async ({ body, audited }) => {
    const connection = room.connections.find(each => each.id === body.connection)
    if (connection === undefined)
      throw badRequest('connection: there is none of that id in the connections file.')
    const { taken, stillRefused } = await room.retake(connection, count => [
      audited('retake', `connection ${connection.id}`, { taken: count })
    ])
    const causes = Map.groupBy(stillRefused, cause => cause)
    return { taken, still_refused: [...causes].map(([cause, list]) => ({ cause, count: list.length })) }
  })

  ask('/api/v1/rejection-causes', listRejectionCauses, async () => ({
    data: (await room.rejected.counts()).map(({ connectionId, cause, count, lastAt }) => ({
      connection: connectionId,
      cause,
      count,
      last_at: instant(lastAt)
    }))
  }))
}

export function listedRejection(row: Row): ListedRejection {
  return {
    id: row.id,
    connection: row.connection_id,
    platform: row.platform,
    received_at: instant(row.received_at),
    cause: row.cause,
    remote_address: row.remote_address,
    bytes: row.bytes
  }
}
