import type { ChangeReport } from '../store/reports.ts'

/** How far Seam has followed what a delivery told of a resource, for the answer that waits and for the report that is asked for later. */

/** What came late may still have told a field that is news: then it led to a revision. */
export function isSuperseded({ outcome, revision }: ChangeReport): boolean {
  return outcome === 'stale' && revision === null
}

/** The revision that is asked for: what changed nothing asks for what is there, so a repeat of what was refused is refused. */
export function wantedOf(revision: number | null, row: { revision: number }): number {
  return revision ?? row.revision
}

/** Whether Seam has refused what is asked for. @param wanted see {@link wantedOf} */
export function isRefused(
  row: { synced_revision: number; buried_revision: number },
  wanted: number
): boolean {
  return row.synced_revision < wanted && row.buried_revision >= wanted
}
