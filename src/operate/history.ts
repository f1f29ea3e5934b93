import { type Kind, kinds } from '../model/kind.ts'
import type { ChangeOutcome } from '../store/tables.ts'
import type { Sent, Subject } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import type { MadeCall } from './schemas/history.ts'
import { instant, type Shown, shownOrNull } from './shown.ts'

/** What the history keeps, as it is told wherever it stands: changes of resources, and calls to Seam. */

interface ChangeRow {
  workspace_id: string
  customer_key: string
  kind: string
  key: string
  booking: string | null
  at: number
  version: number
  outcome: ChangeOutcome
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
  seam_error: string | null
}

/** How calls of a page are told; what they told Seam is read where it is needed for that. */
export async function callsShown(
  rows: Pick<AttemptRow, 'id' | 'seam_error'>[],
  { attempts }: Pick<OperateRoom, 'attempts'>,
  shown: Shown
): Promise<(row: AttemptRow) => MadeCall> {
  const failed = shown.isRevealed ? [] : rows.filter(row => row.seam_error !== null)
  const sent = failed.length === 0 ? undefined : await attempts.sent(failed.map(row => row.id))
  return row => callOf(row, sent?.get(row.id)?.map(sentOf), shown)
}

/** The fields that Seam was told of a resource. */
export function sentOf({ kind, fields }: { kind: Kind; fields: string | null }): Sent {
  return { fields: fields === null ? null : JSON.parse(fields), subject: subjectOf(kind) }
}

export function subjectOf(kind: Kind): Subject {
  return kinds[kind].role === 'place' ? 'place' : 'person'
}

function callOf(row: AttemptRow, sent: Sent[] | undefined, shown: Shown): MadeCall {
  return {
    id: row.id,
    operation: row.operation,
    workspace: row.workspace_id,
    customer_key: shown.key(row.customer_key),
    at: instant(row.started_at),
    duration_ms: row.duration_ms,
    status: row.status,
    seam_request_id: row.request_id,
    error: row.error === null ? null : shown.seamWords(row.error, sent)
  }
}
