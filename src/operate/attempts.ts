import type { Ask } from './ask.ts'
import { badRequest } from './bad-request.ts'
import { callsShown } from './history.ts'
import { afterId, nextAfterId, rangeOf } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import { listAttempts, readAttempt, type WholeCall } from './schemas/attempts.ts'
import type { Paged, Reveals, Timed } from './schemas/parts.ts'

interface ListQuery extends Paged, Reveals, Timed {
  workspace?: string
  customer?: string
  failed?: boolean
}

/** GET /api/v1/attempts[/:id] */
export function attempts(ask: Ask, room: OperateRoom): void {
  ask<unknown, ListQuery>('/api/v1/attempts', listAttempts, async ({ query, shown }) => {
    const { workspace, customer: customerKey, failed, limit } = query
    const only = room.workspaces.length === 1 ? room.workspaces[0] : undefined
    const workspaceId = workspace ?? (customerKey === undefined ? undefined : only)
    // A customer of the same name in another workspace is another customer.
    if (customerKey !== undefined && workspaceId === undefined) {
      throw badRequest('workspace: is needed together with customer.')
    }
    const filter = { workspaceId, customerKey, failed, ...rangeOf(query) }
    const { rows, next } = await room.attempts.list(filter, afterId(query), limit)
    return {
      data: rows.map(await callsShown(rows, room, shown)),
      next_cursor: nextAfterId(query, next)
    }
  })

  ask<{ id: string }, Reveals>('/api/v1/attempts/:id', readAttempt, async ({ params, shown }) => {
    const row = await room.attempts.one(params.id)
    if (row === undefined) return undefined
    const carried = await room.attempts.carried(row.id)
    const callOf = await callsShown([row], room, shown)
    return {
      ...callOf(row),
      resources: carried.map(each => ({ ...each, key: shown.key(each.key) }))
    } satisfies WholeCall
  })
}
