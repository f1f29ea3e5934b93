import { callOf } from '../model/call.ts'
import { kinds } from '../model/kind.ts'
import type { Reports, Told } from '../store/reports.ts'
import { type Failure, invalid } from './envelope.ts'
import type { Settlements } from './settlements.ts'

export interface VerdictOptions {
  reports: Reports
  settlements: Settlements
}

/** What is not told to this process, such as another one's work, is found out this late at most. */
const LOOK_EVERY_MS = 500

/**
 * Waits until Seam has what a stored call asks for, or will not have it.
 * @returns what Seam said against it; `done` where it has all; undefined where the time is up
 */
export async function verdictOn(
  deliveryId: string,
  seconds: number,
  { reports, settlements }: VerdictOptions
): Promise<Failure | 'done' | undefined> {
  const until = performance.now() + seconds * 1000
  const firstSeen = new Map<string, number>()
  for (;;) {
    const left = until - performance.now()
    // Asked for before the look, so that nothing that happens meanwhile is missed.
    const change = settlements.wait(Math.min(LOOK_EVERY_MS, Math.max(left, 0)))
    const verdict = await look(deliveryId, reports, firstSeen)
    if (verdict !== undefined) return verdict
    if (left <= 0 || settlements.ended()) return undefined
    await change
  }
}

async function look(
  deliveryId: string,
  reports: Reports,
  firstSeen: Map<string, number>
): Promise<Failure | 'done' | undefined> {
  const delivery = await reports.delivery(deliveryId)
  if (delivery?.state === 'dead') return invalid(`${delivery.events[0]?.reason}`)
  if (delivery?.state !== 'translated') return undefined
  let isDone = true
  for (const each of await reports.told(deliveryId)) {
    const { row } = each
    if (each.outcome === 'stale' || row === undefined) continue
    const wanted = each.revision ?? revisionAtFirst(each, row.revision, firstSeen)
    if (row.synced_revision >= wanted) continue
    if (row.buried_revision >= wanted) return refusalOf(each, `${row.buried_reason}`, wanted, reports)
    isDone = false
  }
  if (!isDone) return undefined
  const { operation, workspaceId } = callOf(delivery.headers)
  if (operation === 'push_data') return 'done'
  const leaving = await reports.leaving(workspaceId, await reports.customersNamedBy(deliveryId))
  return leaving.length === 0 ? 'done' : undefined
}

/** What changed nothing asks for what is there at the first look. */
function revisionAtFirst(
  { kind, customerKey, key }: Told,
  now: number,
  firstSeen: Map<string, number>
): number {
  const name = `${kind} ${customerKey} ${key}`
  const seen = firstSeen.get(name) ?? now
  firstSeen.set(name, seen)
  return seen
}

/** In Seam's own words, where they are known. */
async function refusalOf(
  told: Told,
  reason: string,
  sinceRevision: number,
  reports: Reports
): Promise<Failure> {
  const calls = await reports.calls(told, sinceRevision)
  for (const { status, seam_error: said } of calls.reverse()) {
    // A redirect is no word on this call, and a refusal that comes as a 5xx is none either.
    if (said === null || status === null || status < 400 || status >= 500) continue
    const { type, message } = JSON.parse(said)
    return { status, error: { type, message } }
  }
  return invalid(`Seam refused ${kinds[told.kind].list} ${told.key}: ${reason}`, 'seam_refused')
}
