import type { FastifyRequest } from 'fastify'
import { CALLERS, headersOfCall, type Operation, SEAM_CALLS } from '../model/call.ts'
import { type Caller, mayReach, type Scope } from '../model/caller.ts'
import type { DeleteData, PushData } from '../seam/contract.ts'
import type { NewDelivery } from '../store/delivery-intake.ts'
import type { KnownCallers } from './api.ts'
import { type Failure, failed, invalid, invalidFields, isFailure } from './envelope.ts'
import { type Reach, reachOf } from './reach.ts'
import { readCall, versionOf } from './read-call.ts'
import { WORKSPACE_ADVICE } from './workspace.ts'

/** A call that may be stored. */
export interface AcceptedCall {
  operation: Operation
  delivery: NewDelivery
  /** How many keys it is about. */
  resources: number
}

export type Accept = (
  operation: Operation,
  request: FastifyRequest,
  caller: Caller
) => Promise<AcceptedCall | Failure>

/** A request → a delivery, or why the caller may not have it so. */
export function acceptor(options: KnownCallers): Accept {
  const reach = reachOf(options)
  return async (operation, request, caller) => {
    const call = readCall(operation, request, caller)
    if (isFailure(call)) return call
    const missing = call.operation === 'push_data' ? ['push' as const] : scopesFor(call.body)
    const lacking = missing.find(scope => !caller.scopes.includes(scope))
    if (lacking !== undefined) return failed(403, lackOf(lacking))
    const receivedAt = options.now()
    const stated = versionOf(request.headers['relay-version'], receivedAt)
    if (isFailure(stated)) return stated
    const workspaceId = options.workspaceOf(caller)
    if (workspaceId === undefined) return invalid(WORKSPACE_ADVICE)
    if (call.operation === 'push_data') {
      const near = trespassSeen(reach, caller, workspaceId, call.body)
      if (near !== undefined) return near
      // Only who is limited waits for a look into the store.
      const problems = caller.customers === undefined ? [] : await reach.keysOfOthers(workspaceId, call.body)
      if (problems.length > 0) return invalidFields(problems)
    }
    const { version } = stated
    const { customers } = caller
    return {
      operation,
      resources: countOf(call.body),
      delivery: {
        id: options.nextId(),
        connectionId: CALLERS,
        platform: SEAM_CALLS,
        dedupeKey: undefined,
        receivedAt,
        headers: headersOfCall({ operation, workspaceId, callerId: caller.id, customers, version }),
        query: {},
        body: call.bytes
      }
    }
  }
}

function scopesFor({ customer_keys = [], ...others }: DeleteData): Scope[] {
  const deletes = customer_keys.length === 0 || Object.values(others).some(keys => keys.length > 0)
  return [...(deletes ? ['delete' as const] : []), ...(customer_keys.length > 0 ? ['offboard' as const] : [])]
}

function lackOf(scope: Scope): string {
  return scope === 'offboard'
    ? 'customer_keys deletes whole customers, for which this API key lacks the scope offboard; to delete single resources leave customer_keys out'
    : `This API key lacks the scope ${scope}; make one that has it with "seam-relay keys create"`
}

/** What can be judged without the store. */
function trespassSeen(
  reach: Reach,
  caller: Caller,
  workspaceId: string,
  body: PushData
): Failure | undefined {
  if (!mayReach(caller, body.customer_key)) {
    return failed(403, 'This API key is limited to other customers; use a customer_key that it was made for')
  }
  const problems = reach.keysKeptForOthers(workspaceId, body)
  return problems.length > 0 ? invalidFields(problems) : undefined
}

function countOf(body: Record<string, unknown>): number {
  let count = 0
  for (const value of Object.values(body)) if (Array.isArray(value)) count += value.length
  return count
}
