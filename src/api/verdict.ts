import { callOf } from '../model/call.ts'
import { kinds } from '../model/kind.ts'
import type { MadeCall, Reports, Told } from '../store/reports.ts'
import { type Failure, invalid } from './envelope.ts'
import { customersTakenOff } from './reach.ts'
import type { Settlements } from './settlements.ts'

export interface VerdictOptions {
  reports: Reports
  settlements: Settlements
}

/** What is not told to this process, such as another one's work, is found out this late at most. */
const LOOK_EVERY_MS = 500

/** About the relay's own key and manner, and no fault of the caller's: the relay asks again. */
const notOfThisCall = new Set([401, 402, 403, 405, 408, 429])

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
    // What came late may still have told a field that is news: then it led to a revision.
    if (row === undefined || (each.outcome === 'stale' && each.revision === null)) continue
    const wanted = each.revision ?? revisionAtFirst(each, row.revision, firstSeen)
    if (row.synced_revision >= wanted) continue
    if (row.buried_revision >= wanted) return refusalOf(each, `${row.buried_reason}`, wanted, reports)
    isDone = false
  }
  const call = callOf(delivery.headers)
  if (call.operation === 'push_data') return isDone ? 'done' : undefined
  const { workspaceId } = call
  const named = await reports.customersNamedBy(deliveryId)
  const leaving = await reports.leaving(workspaceId, customersTakenOff(call, named))
  for (const customerKey of leaving) {
    const calls = await reports.offboardCalls({ workspaceId, customerKey }, deliveryId)
    const refusal = calls.slice(-1).map(refusalIn)[0]
    if (refusal !== undefined) return refusal
  }
  return isDone && leaving.length === 0 ? 'done' : undefined
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
  for (const call of calls.reverse()) {
    const refusal = refusalIn(call)
    if (refusal !== undefined) return refusal
  }
  return invalid(`Seam refused ${kinds[told.kind].list} ${told.key}: ${reason}`, 'seam_refused')
}

/** Seam's word on what was asked: a redirect and a 5xx are none, nor what would be said to any call of the workspace. */
function refusalIn({ status, seam_error: said }: MadeCall): Failure | undefined {
  if (said === null || status === null || status < 400 || status >= 500) return undefined
  if (notOfThisCall.has(status)) return undefined
  const { type, message } = JSON.parse(said)
  return { status, error: { type, message } }
}
