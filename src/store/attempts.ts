import type { Operation } from '../model/call.ts'
import type { Kind } from '../model/kind.ts'
import type { SeamWords } from '../model/seam-words.ts'
import type { ClaimedLane } from './lane-claims.ts'
import type { ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import { prepare, type Write, write } from './write.ts'

export interface Attempt {
  id: string
  operation: Operation
  startedAt: number
  durationMs: number
  status: number | undefined
  requestId: string | undefined
  error: string | undefined
  seamError?: SeamWords | undefined
}

/** Which calls were made to Seam, and what they carried. */
export function attemptsOf({ db }: Store) {
  const carried = prepare<{
    attempt_id: string
    workspace_id: string
    kind: Kind
    key: string
    revision: number
  }>(row =>
    db.insertInto('attempt_resources').values({
      attempt_id: row.attempt_id,
      workspace_id: row.workspace_id,
      kind: row.kind,
      key: row.key,
      revision: row.revision
    })
  )

  return {
    record(lane: ClaimedLane, attempt: Attempt, resources: (ResourceRef & { revision: number })[]): Write[] {
      return [
        write(
          db.insertInto('attempts').values({
            id: attempt.id,
            workspace_id: lane.workspaceId,
            customer_key: lane.customerKey,
            operation: attempt.operation,
            started_at: attempt.startedAt,
            duration_ms: attempt.durationMs,
            status: attempt.status ?? null,
            request_id: attempt.requestId ?? null,
            error: attempt.error ?? null,
            seam_error: attempt.seamError === undefined ? null : JSON.stringify(attempt.seamError)
          })
        ),
        carried(
          resources.map(each => ({
            attempt_id: attempt.id,
            workspace_id: lane.workspaceId,
            kind: each.kind,
            key: each.key,
            revision: each.revision
          }))
        )
      ]
    }
  }
}
