import { CALLERS } from '../model/call.ts'
import type { Pause, Paused } from '../store/pauses.ts'
import { type Act, DONE } from './act.ts'
import type { Ask } from './ask.ts'
import { badRequest } from './bad-request.ts'
import { afterId, nextAfterId } from './lists.ts'
import { maskKey } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import type { Paged, Reveals } from './schemas/parts.ts'
import {
  listPauses,
  type NewPause,
  type PauseReport,
  pauseOperation,
  resumeOperation
} from './schemas/pauses.ts'
import { instant, type Shown, shownOrNull } from './shown.ts'

const URL = '/api/v1/pauses'

/** POST and GET /api/v1/pauses, DELETE /api/v1/pauses/:id */
export function pauses(ask: Ask, room: OperateRoom, act: Act): void {
  act<unknown, NewPause>('POST', URL, pauseOperation, async ({ body, operator, shown, audited }) => {
    const paused = await pausedBy(body, room)
    const entry = audited('pause', targetOf(paused), {})
    const { reason = null } = body
    const { id: actor, name: actor_name } = operator
    const pause = { ...paused, id: room.nextId(), reason, since: room.now(), actor, actor_name }
    return pauseReportOf(await room.pauses.begin(pause, [entry]), shown)
  })

  ask<unknown, Paged & Reveals>(URL, listPauses, async ({ query, shown }) => {
    const { rows, next } = await room.pauses.list(afterId(query), query.limit)
    return {
      data: rows.map(row => pauseReportOf(row, shown)),
      next_cursor: nextAfterId(query, next)
    }
  })

  act<{ id: string }, unknown>('DELETE', `${URL}/:id`, resumeOperation, async ({ params, audited }) => {
    const pause = (await room.pauses.all()).find(each => each.id === params.id)
    if (pause === undefined) return undefined
    const { id, since } = pause
    const entry = audited('resume', targetOf(pause), { paused_since: instant(since) })
    if (!(await room.pauses.end(id, [entry]))) return undefined
    room.onResumed()
    return DONE
  })
}

/** A pause, where there is one, as others show it beside what is paused. */
export function pausedOf(pause: Pause | undefined, shown: Shown): PauseReport | null {
  return pause === undefined ? null : pauseReportOf(pause, shown)
}

function pauseReportOf(pause: Pause, shown: Shown): PauseReport {
  return {
    id: pause.id,
    of: pause.subject,
    connection: pause.connection_id || null,
    workspace: pause.workspace_id || null,
    customer_key: shownOrNull({ ...shown, text: shown.key }, pause.customer_key || null),
    reason: shownOrNull(shown, pause.reason),
    since: instant(pause.since),
    by: pause.actor_name
  }
}

function targetOf({ subject, connection_id, workspace_id, customer_key }: Paused): string {
  const names = [connection_id, workspace_id, maskKey(customer_key)].filter(name => name !== '')
  return `${subject} ${names.join('/')}`
}

const nothing = { connection_id: '', workspace_id: '', customer_key: '' }

const members = {
  connection: ['connection'],
  customer: ['workspace', 'customer_key'],
  workspace: ['workspace']
} as const

/** What is not there would never be resumed, and nobody would know why it was paused. @throws RelayError RELAY_BAD_REQUEST */
async function pausedBy(body: NewPause, room: OperateRoom): Promise<Paused> {
  const { of, connection = '', workspace = '', customer_key = '' } = body
  const wanted: readonly string[] = members[of]
  for (const member of ['connection', 'workspace', 'customer_key'] as const) {
    if (wanted.includes(member) && body[member] === undefined)
      throw badRequest(`${member}: is missing; of says that it is a ${of}.`)
    if (!wanted.includes(member) && body[member] !== undefined)
      throw badRequest(`${member}: does not belong here; of says that it is a ${of}.`)
  }
  if (of === 'connection') {
    if (connection !== CALLERS && room.connections.every(each => each.id !== connection))
      throw badRequest('connection: there is none of that id in the connections file.')
    return { ...nothing, subject: of, connection_id: connection }
  }
  if (!room.workspaces.includes(workspace))
    throw badRequest('workspace: there is none of that id in the settings.')
  if (of === 'workspace') return { ...nothing, subject: of, workspace_id: workspace }
  const isConfigured = room.connections.some(
    each => each.workspaceId === workspace && each.customerKey === customer_key
  )
  if (
    !isConfigured &&
    (await room.lanes.one({ workspaceId: workspace, customerKey: customer_key })) === undefined
  )
    throw badRequest('customer_key: nothing is known of such a customer in that workspace.')
  return { ...nothing, subject: of, workspace_id: workspace, customer_key }
}
