import type { Ask } from './ask.ts'
import { afterId, nextAfterId } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import { type AuditEntry, listAudit } from './schemas/audit.ts'
import type { Paged } from './schemas/parts.ts'
import { instant } from './shown.ts'

/** GET /api/v1/audit */
export function audit(ask: Ask, room: OperateRoom): void {
  ask<unknown, Paged>(
    '/api/v1/audit',
    listAudit,
    async ({ query }) => {
      const { rows, next } = await room.audit.list(afterId(query), query.limit)
      const data: AuditEntry[] = rows.map(row => ({
        ...row,
        at: instant(row.at),
        detail: JSON.parse(row.detail)
      }))
      return { data, next_cursor: nextAfterId(query, next) }
    },
    { scope: 'operate' }
  )
}
