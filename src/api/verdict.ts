import type { ChangeSignal } from '../change-signal.ts'
import { callOf, type Operation } from '../model/call.ts'
import { kinds } from '../model/kind.ts'
import type { ValidationErrors } from '../seam/invalid-input.ts'
import { type MadeCall, nameOf } from '../store/reported-calls.ts'
import type { ChangeReport, Reports } from '../store/reports.ts'
import { type Failure, invalid, isFailure } from './envelope.ts'
import { isRefused, isSuperseded, wantedOf } from './progress.ts'
import { customersTakenOff } from './reach.ts'

export interface VerdictOptions {
  reports: Reports
  settled: ChangeSignal
}

/** What is not told to this process, such as another one's work, is found out this late at most. */
const LOOK_EVERY_MS = 500

/** About the relay's own key and manner, and no fault of the caller's: the relay asks again. */
const notOfThisCall = new Set([401, 402, 403, 405, 408, 429])

/** So many of a call's resources are looked at together: while one of them is open, so is the call. */
const LOOKED_AT = 500

/** What of a call that was understood is still to be settled. */
interface OpenCall {
  deliveryId: string
  operation: Operation
  workspaceId: string
  /** By name, in the order of the call. */
  resources: Map<string, AskedFor>
  /** Customers that it takes off. */
  leaving: string[]
}

/** A resource, and the revision of it that the call asks for. */
type AskedFor = ChangeReport & { wanted: number }

/**
 * Waits until Seam has what a stored call asks for, or will not have it.
 * @returns what Seam said against it; `done` where it has all; undefined where the time is up
 */
export async function verdictOn(
  deliveryId: string,
  seconds: number,
  { reports, settled }: VerdictOptions
): Promise<Failure | 'done' | undefined> {
  const until = performance.now() + seconds * 1000
  let call: OpenCall | undefined
  for (;;) {
    const left = until - performance.now()
    // Asked for before the look, so that nothing that happens meanwhile is missed.
    const change = settled.wait(Math.min(LOOK_EVERY_MS, Math.max(left, 0)))
    const understood = call ?? (await read(deliveryId, reports))
    if (understood !== undefined && isFailure(understood)) return understood
    call = understood
    const verdict = call && (await look(call, reports))
    if (verdict !== undefined) return verdict
    if (left <= 0 || settled.ended()) return undefined
    await change
  }
}

/** @returns undefined where it is not known yet what the call does */
async function read(deliveryId: string, reports: Reports): Promise<OpenCall | Failure | undefined> {
  const delivery = await reports.delivery(deliveryId)
  if (delivery?.state === 'dead') return invalid(`${delivery.events[0]?.reason}`)
  if (delivery?.state !== 'translated') return undefined
  const call = callOf(delivery.headers)
  const { operation, workspaceId } = call
  const named = operation === 'push_data' ? [] : await reports.customersNamedBy(deliveryId)
  const resources = new Map<string, AskedFor>()
  for (const each of await reports.changes(deliveryId)) {
    const { row, revision } = each
    if (row === undefined || isSuperseded(each)) continue
    // As it is at the first look.
    resources.set(nameOf(each), { ...each, wanted: wantedOf(revision, row) })
  }
  return { deliveryId, operation, workspaceId, resources, leaving: customersTakenOff(call, named) }
}

async function look(call: OpenCall, reports: Reports): Promise<Failure | 'done' | undefined> {
  const refusal = await refusalAmong(call, reports)
  if (refusal !== undefined) return refusal
  await passSettled(call, reports)
  const isDone = call.resources.size === 0
  const { deliveryId, workspaceId } = call
  const leaving = await reports.leaving(workspaceId, call.leaving)
  const calls = await reports.offboardCalls(workspaceId, leaving, deliveryId)
  for (const customerKey of leaving) {
    const refused = calls.get(customerKey)?.slice(-1).map(refusalIn)[0]
    if (refused !== undefined) return refused
  }
  return isDone && leaving.length === 0 ? 'done' : undefined
}

/** The first one's, in the order of the call. */
async function refusalAmong(call: OpenCall, reports: Reports): Promise<Failure | undefined> {
  const { workspaceId, resources } = call
  const customers = new Set<string>()
  let least = Number.MAX_SAFE_INTEGER
  for (const { customerKey, wanted } of resources.values()) {
    customers.add(customerKey)
    least = Math.min(least, wanted)
  }
  const rows = await reports.refused(workspaceId, [...customers], least)
  const refused = new Map(rows.map(row => [nameOf(row), row]))
  for (const [name, asked] of resources) {
    const row = refused.get(name)
    if (row !== undefined && isRefused(row, asked.wanted))
      return refusalOf(call, asked, `${row.buried_reason}`, reports)
  }
  return undefined
}

/** What is settled, or gone, is looked at no more; nor is the rest while something before it is open. */
async function passSettled({ workspaceId, resources }: OpenCall, reports: Reports): Promise<void> {
  while (resources.size > 0) {
    const first = [...resources].slice(0, LOOKED_AT)
    const keys = new Set(first.map(([, { key }]) => key))
    const rows = await reports.progress(workspaceId, [...keys])
    const progress = new Map(rows.map(row => [nameOf(row), row]))
    const settled = first.filter(
      ([name, { wanted }]) => (progress.get(name)?.synced_revision ?? wanted) >= wanted
    )
    for (const [name] of settled) resources.delete(name)
    if (settled.length < first.length) return
  }
}

/** In Seam's own words, where they are known. */
async function refusalOf(
  { deliveryId }: OpenCall,
  asked: AskedFor,
  reason: string,
  reports: Reports
): Promise<Failure> {
  const calls = await reports.calls(asked.workspaceId, [{ ...asked, since: asked.wanted }])
  const refusing = calls.get(nameOf(asked))?.filter(isRefusing).reverse() ?? []
  for (const call of refusing) {
    const refusal = refusalIn(call)
    if (refusal === undefined) continue
    const { list, deleteList } = kinds[asked.kind]
    const name = call.operation === 'push_data' ? list : String(deleteList)
    const place = await reports.placeInCall(deliveryId, name, asked)
    return { ...refusal, error: placedIn(refusal.error, name, place) }
  }
  const answer = invalid(`Seam refused ${kinds[asked.kind].list} ${asked.key}: ${reason}`, 'seam_refused')
  return { ...answer, status: refusing[0]?.status ?? answer.status }
}

function refusalIn(call: MadeCall): Failure | undefined {
  const { seam_error: said } = call
  if (said === null || !isRefusing(call)) return undefined
  return { status: call.status, error: JSON.parse(said) }
}

/**
 * Seam speaks of the places of the relay's call, in which a refused resource was alone in its list at last: its place in
 * the caller's body is another one. What cannot be placed there is left out.
 */
function placedIn(
  { type, message, validation_errors: errors }: Failure['error'],
  list: string,
  place: number
): Failure['error'] {
  if (errors === undefined) return { type, message }
  const { _errors = [], ...entries } = (errors[list] ?? {}) as Partial<ValidationErrors>
  const [only, ...others] = Object.values(entries)
  if (place < 0 || others.length > 0) return { type, message }
  const placed = only === undefined ? {} : { [list]: { _errors, [place]: only } }
  return { type, message, validation_errors: { ...errors, ...placed } }
}

/** Whether it is Seam's word on what was asked: a redirect and a 5xx are none, nor what would be said to any call of the workspace. */
function isRefusing(call: MadeCall): call is MadeCall & { status: number } {
  const { status } = call
  return status !== null && status >= 400 && status < 500 && !notOfThisCall.has(status)
}
