import type { Write } from '../store/write.ts'
import { maskJson, maskKey, maskText } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import type { Operator } from './operators.ts'

/** The entry of the audit log, for the commit that does what it tells of. */
export type Audited = (action: string, target: string, detail: object) => Write

export function auditedBy(
  { id, name }: Operator,
  { audit, nextId, now }: Pick<OperateRoom, 'audit' | 'nextId' | 'now'>
): Audited {
  return (action, target, detail) =>
    audit.entry({
      id: nextId(),
      at: now(),
      actor: id,
      actor_name: name,
      action,
      target,
      detail: JSON.stringify(detail)
    })
}

/** By what was asked, for the audit log: what is searched for is a person, as a rule. */
export function detailOf({ q, text, booking, filter, ...others }: Record<string, unknown>): object {
  return {
    ...others,
    ...(filter !== undefined && { filter: detailOf(filter as Record<string, unknown>) }),
    ...(q !== undefined && { q: maskJson(q) }),
    ...(text !== undefined && { text: maskText(String(text)) }),
    ...(booking !== undefined && { booking: maskKey(String(booking)) })
  }
}
