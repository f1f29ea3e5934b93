import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RelayError } from '../errors.ts'
import { CALLERS, callOf } from '../model/call.ts'
import { type Caller, mayReach } from '../model/caller.ts'
import { kinds } from '../model/kind.ts'
import { sendOwnTrouble, sendProblem } from '../problem.ts'
import { type MadeCall, nameOf } from '../store/reported-calls.ts'
import type { ChangeReport, Reports, StoredDelivery } from '../store/reports.ts'
import type { KnownCallers } from './api.ts'
import { callerOf, identifyingOrProblem } from './identify.ts'
import { isRefused, isSuperseded, wantedOf } from './progress.ts'
import { customersTakenOff } from './reach.ts'
import type { DeliveryReport } from './schemas/delivery.ts'
import { getDeliveryOperation } from './schemas/operations.ts'

/** GET /deliveries/:id: what became of a call or of a webhook. */
export const deliveryReports: FastifyPluginAsyncTypebox<KnownCallers> = async (scope, options) => {
  const { reports } = options
  const connectionOf = new Map(options.connections.map(each => [each.id, each]))
  const url = '/deliveries/:id'
  scope.get<{ Params: { id: string } }>(url, {
    schema: getDeliveryOperation,
    onRequest: identifyingOrProblem(options.callers),
    handler: tell,
    errorHandler: answerError
  })

  async function tell(request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) {
    const caller = callerOf(request)
    if (!caller.scopes.includes('read')) {
      return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', 'This API key lacks the scope read.')
    }
    const delivery = await reports.delivery(request.params.id)
    if (delivery === undefined) return unknown(reply)
    const changes = await reports.changes(delivery.id)
    const subject = await subjectOf(delivery, changes)
    const isSeen = subject.workspaceId === options.workspaceOf(caller) && mayRead(caller, delivery, subject)
    return isSeen ? reply.send(await reportOf(delivery, changes, subject, reports)) : unknown(reply)
  }

  function answerError(error: Error, request: FastifyRequest, reply: FastifyReply): unknown {
    if (!(error instanceof RelayError)) throw error
    options.log.error({ event: 'request.failed', requestId: request.id, err: error })
    return sendOwnTrouble(reply, error)
  }

  /** Of which workspace and of which customers a delivery speaks. */
  async function subjectOf(delivery: StoredDelivery, changes: ChangeReport[]): Promise<Subject> {
    const connection = connectionOf.get(delivery.connectionId)
    const isCall = delivery.connectionId === CALLERS
    const named = isCall ? await reports.customersNamedBy(delivery.id) : []
    const customers = new Set([...named, ...changes.map(each => each.customerKey)])
    if (connection !== undefined) customers.add(connection.customerKey)
    // Where deletions of keys wait that nobody is known to have.
    customers.delete('')
    const workspaceId = isCall
      ? callOf(delivery.headers).workspaceId
      : (connection?.workspaceId ?? changes[0]?.workspaceId)
    const leaving = isCall ? customersTakenOff(callOf(delivery.headers), named) : []
    return { workspaceId, customerKeys: [...customers].sort(), leaving }
  }
}

interface Subject {
  workspaceId: string | undefined
  customerKeys: string[]
  /** Those of them that the call takes off. */
  leaving: string[]
}

function unknown(reply: FastifyReply): FastifyReply {
  return sendProblem(
    reply,
    404,
    'RELAY_NOT_FOUND',
    'There is no such delivery, or this API key may not see it.'
  )
}

function mayRead(caller: Caller, delivery: StoredDelivery, { customerKeys }: Subject): boolean {
  if (caller.customers === undefined) return true
  if (delivery.connectionId === CALLERS && callOf(delivery.headers).callerId === caller.id) return true
  return customerKeys.length > 0 && customerKeys.every(each => mayReach(caller, each))
}

async function reportOf(
  delivery: StoredDelivery,
  changes: ChangeReport[],
  { workspaceId, customerKeys, leaving }: Subject,
  reports: Reports
): Promise<DeliveryReport> {
  const outcomes = changes.map(each => ({ change: each, ...outcomeOf(each) }))
  const carried = outcomes.flatMap(({ change: each, since }) => (since === null ? [] : { ...each, since }))
  const calls = await reports.calls(`${workspaceId}`, carried)
  const resources = outcomes.map(({ change: each, outcome, reason }) => ({
    list: kinds[each.kind].list,
    key: each.key,
    customer_key: each.customerKey,
    outcome,
    revision: each.revision,
    ...(reason !== null && { reason }),
    warnings: each.warnings,
    calls: (calls.get(nameOf(each)) ?? []).map(shown)
  }))
  const customers = await customersIn(delivery, `${workspaceId}`, leaving, reports)
  return {
    id: delivery.id,
    received_at: new Date(delivery.receivedAt).toISOString(),
    state: delivery.state,
    ...(delivery.connectionId === CALLERS && { operation: callOf(delivery.headers).operation }),
    customer_keys: customerKeys,
    events: delivery.events as DeliveryReport['events'],
    resources,
    ...(customers.length > 0 && { customers }),
    ...(delivery.lastError !== null && { error: delivery.lastError })
  }
}

type Customers = NonNullable<DeliveryReport['customers']>

/** Whether Seam was told of the customers that a call takes off. */
async function customersIn(
  { id, state }: StoredDelivery,
  workspaceId: string,
  leaving: string[],
  reports: Reports
): Promise<Customers> {
  // What is void takes nobody off.
  if (state === 'dead') return []
  const due = new Set(state === 'translated' ? await reports.leaving(workspaceId, leaving) : leaving)
  const calls = await reports.offboardCalls(workspaceId, leaving, id)
  return leaving.map(customerKey => ({
    customer_key: customerKey,
    outcome: due.has(customerKey) ? 'waiting' : 'offboarded',
    calls: (calls.get(customerKey) ?? []).map(shown)
  }))
}

function shown(call: MadeCall): DeliveryReport['resources'][number]['calls'][number] {
  return {
    operation: call.operation,
    at: new Date(call.started_at).toISOString(),
    status: call.status,
    seam_request_id: call.request_id,
    error: call.error
  }
}

interface Outcome {
  outcome: DeliveryReport['resources'][number]['outcome']
  reason: string | null
  /** The revision from which on calls are about it; null where none are. */
  since: number | null
}

function outcomeOf(change: ChangeReport): Outcome {
  const { outcome, revision, note, row } = change
  if (isSuperseded(change)) return { outcome: 'superseded', reason: note, since: null }
  if (outcome === 'held' && typeof row?.held === 'string') {
    return { outcome: 'held', reason: row.held, since: revision }
  }
  if (row !== undefined && isRefused(row, wantedOf(revision, row))) {
    return { outcome: 'refused', reason: row.buried_reason, since: wantedOf(revision, row) }
  }
  if (outcome === 'unchanged') return { outcome: 'unchanged', reason: note, since: null }
  if (row === undefined) return { outcome: 'delivered', reason: null, since: revision }
  const isDelivered = row.synced_revision >= wantedOf(revision, row)
  return { outcome: isDelivered ? 'delivered' : 'waiting', reason: null, since: revision }
}
