import type { ChangeOutcome } from '../store/tables.ts'
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
