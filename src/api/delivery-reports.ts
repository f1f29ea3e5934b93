import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RelayError } from '../errors.ts'
import { CALLERS, callOf } from '../model/call.ts'
import type { Caller } from '../model/caller.ts'
import { kinds } from '../model/kind.ts'
import { sendProblem } from '../problem.ts'
import type { CarriedBy, Reports, StoredDelivery, Told } from '../store/reports.ts'
import type { KnownCallers } from './api.ts'
import { callerOf, identifyingOrProblem } from './identify.ts'
import { refuseOthers } from './methods.ts'
import { mayTouch } from './reach.ts'
import type { DeliveryReport } from './schemas/delivery.ts'
import { getDeliveryOperation } from './schemas/operations.ts'

const STORE_RETRY_AFTER_S = 5

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
  refuseOthers(scope, url, ['GET', 'HEAD'])

  async function tell(request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) {
    const caller = callerOf(request)
    if (!caller.scopes.includes('read')) {
      return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', 'This API key lacks the scope read.')
    }
    const delivery = await reports.delivery(request.params.id)
    if (delivery === undefined) return unknown(reply)
    const told = await reports.told(delivery.id)
    const subject = await subjectOf(delivery, told)
    const isSeen = subject.workspaceId === options.workspaceOf(caller) && mayRead(caller, delivery, subject)
    return isSeen ? reply.send(await reportOf(delivery, told, subject, reports)) : unknown(reply)
  }

  function answerError(error: Error, request: FastifyRequest, reply: FastifyReply): unknown {
    if (!(error instanceof RelayError)) throw error
    options.log.error({ event: 'request.failed', requestId: request.id, err: error })
    return sendProblem(reply.header('retry-after', STORE_RETRY_AFTER_S), 503, error.code)
  }

  /** Of which workspace and of which customers a delivery speaks. */
  async function subjectOf(delivery: StoredDelivery, told: Told[]): Promise<Subject> {
    const connection = connectionOf.get(delivery.connectionId)
    const isCall = delivery.connectionId === CALLERS
    const named = isCall ? await reports.customersNamedBy(delivery.id) : []
    const customers = new Set([...named, ...told.map(each => each.customerKey)])
    if (connection !== undefined) customers.add(connection.customerKey)
    // Where deletions of keys wait that nobody is known to have.
    customers.delete('')
    const workspaceId = isCall
      ? callOf(delivery.headers).workspaceId
      : (connection?.workspaceId ?? told[0]?.workspaceId)
    return { workspaceId, customerKeys: [...customers].sort() }
  }
}

interface Subject {
  workspaceId: string | undefined
  customerKeys: string[]
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
  return customerKeys.length > 0 && customerKeys.every(each => mayTouch(caller, each))
}

async function reportOf(
  delivery: StoredDelivery,
  told: Told[],
  { customerKeys }: Subject,
  reports: Reports
): Promise<DeliveryReport> {
  const resources: DeliveryReport['resources'] = []
  for (const each of told) {
    const calls = each.revision === null ? [] : await reports.calls(each, each.revision)
    resources.push(resourceOf(each, calls))
  }
  return {
    id: delivery.id,
    received_at: new Date(delivery.receivedAt).toISOString(),
    state: delivery.state,
    ...(delivery.connectionId === CALLERS && { operation: callOf(delivery.headers).operation }),
    customer_keys: customerKeys,
    events: delivery.events as DeliveryReport['events'],
    resources,
    ...(delivery.lastError !== null && { error: delivery.lastError })
  }
}

function resourceOf(told: Told, calls: CarriedBy[]): DeliveryReport['resources'][number] {
  const { outcome, reason } = outcomeOf(told)
  return {
    list: kinds[told.kind].list,
    key: told.key,
    customer_key: told.customerKey,
    outcome,
    revision: told.revision,
    ...(reason !== null && { reason }),
    calls: calls.map(each => ({
      operation: each.operation,
      at: new Date(each.started_at).toISOString(),
      status: each.status,
      seam_request_id: each.request_id,
      error: each.error
    }))
  }
}

type Outcome = DeliveryReport['resources'][number]['outcome']

function outcomeOf({ outcome, revision, note, row }: Told): { outcome: Outcome; reason: string | null } {
  if (outcome === 'stale') return { outcome: 'superseded', reason: note }
  if (outcome === 'unchanged') return { outcome: 'unchanged', reason: note }
  if (row === undefined) return { outcome: 'delivered', reason: null }
  if (outcome === 'held' && row.held !== null) return { outcome: 'held', reason: row.held }
  const wanted = revision ?? row.revision
  if (row.synced_revision >= wanted) return { outcome: 'delivered', reason: null }
  if (row.buried_revision >= wanted) return { outcome: 'refused', reason: row.buried_reason }
  return { outcome: 'waiting', reason: null }
}
