import { madeAt } from '../model/ids.ts'
import type { Kind } from '../model/kind.ts'
import type { Ask } from './ask.ts'
import { eventsOf } from './deliveries.ts'
import type { OperateRoom } from './operate.ts'
import { type DeadLetters, listDeadLetters } from './schemas/dead-letters.ts'
import type { Reveals } from './schemas/parts.ts'
import { instant, type Shown } from './shown.ts'

/** GET /api/v1/dead-letters */
export function deadLetters(ask: Ask, { trouble }: OperateRoom): void {
  ask<unknown, Reveals>('/api/v1/dead-letters', listDeadLetters, async ({ shown }) => {
    const [dead, held, refused] = [await trouble.dead(), await trouble.held(), await trouble.refused()]
    const groups: DeadLetters[] = [
      ...dead.map(each => ({
        of: 'dead' as const,
        connection: each.connectionId,
        kind: null,
        ...causeIn(each.cause, shown),
        count: each.count,
        first_at: instant(madeAt(each.firstId)),
        last_at: instant(madeAt(each.lastId)),
        last_delivery: each.lastId
      })),
      ...heldGroups(held, shown),
      ...refused.map(each => ({
        of: 'refused' as const,
        connection: null,
        kind: each.kind as Kind,
        ...causeIn(each.cause, shown),
        count: each.count,
        first_at: instant(each.firstAt),
        last_at: instant(each.lastAt),
        last_delivery: null
      }))
    ]
    return { data: groups.sort((a, b) => (a.last_at < b.last_at ? 1 : -1)) }
  })
}

/** `RELAY_EVENT_INVALID: …` tells its code first. */
function causeIn(text: string, shown: Shown): Pick<DeadLetters, 'cause' | 'code'> {
  const [, code, cause] = /^(RELAY_[A-Z_]+): (.*)$/s.exec(text) ?? []
  return { cause: shown.text(cause ?? text), code: code ?? null }
}

/** @param held newest first */
function heldGroups(
  held: { id: string; connection_id: string; outcome: string | null }[],
  shown: Shown
): DeadLetters[] {
  const reasons = held.map(row => {
    const event = eventsOf(row.outcome).find(each => each.outcome === 'held')
    return { ...row, reason: event?.reason ?? '', code: event?.code ?? null }
  })
  const groups = Map.groupBy(reasons, each => JSON.stringify([each.connection_id, each.reason]))
  return [...groups.values()].flatMap(same => {
    const [last, first] = [same[0], same.at(-1)]
    if (last === undefined || first === undefined) return []
    return {
      of: 'held' as const,
      connection: last.connection_id,
      kind: null,
      cause: shown.text(last.reason),
      code: last.code,
      count: same.length,
      first_at: instant(madeAt(first.id)),
      last_at: instant(madeAt(last.id)),
      last_delivery: last.id
    }
  })
}
