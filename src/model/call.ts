import type { Kind } from './kind.ts'

/**
 * Seam's own calls as internal services make them at the relay. They are kept as deliveries like everything else that
 * comes in; what a body does not say about a call travels in the delivery's headers.
 */

/** In the place of a connection, on deliveries that a caller made. No connection can be called so. */
export const CALLERS = '@callers'

/** In the place of a platform, on the same deliveries. */
export const SEAM_CALLS = 'seam'

/** What Seam can be asked to do with what a customer has. */
export const operations = ['push_data', 'delete_data'] as const
export type Operation = (typeof operations)[number]

/** What a call is besides its body. */
export interface Call {
  operation: Operation
  workspaceId: string
  /** Id of the key that was shown. */
  callerId: string
  /** Undefined: every customer of the workspace. */
  customers: string[] | undefined
  /** The caller's own clock, milliseconds since 1970; else the time of receipt counts. */
  version: number | undefined
}

export function headersOfCall({
  operation,
  workspaceId,
  callerId,
  customers,
  version
}: Call): Record<string, string> {
  return {
    'relay-operation': operation,
    'relay-workspace': workspaceId,
    'relay-caller': callerId,
    ...(customers !== undefined && { 'relay-customers': JSON.stringify(customers) }),
    ...(version !== undefined && { 'relay-version': String(version) })
  }
}

/** The inverse of {@link headersOfCall}. */
export function callOf(headers: Record<string, string>): Call {
  const { 'relay-customers': customers, 'relay-version': version } = headers
  return {
    operation: headers['relay-operation'] === 'delete_data' ? 'delete_data' : 'push_data',
    workspaceId: `${headers['relay-workspace']}`,
    callerId: `${headers['relay-caller']}`,
    customers: customers === undefined ? undefined : JSON.parse(customers),
    version: version === undefined ? undefined : Number(version)
  }
}

/** One entry of a list of push_data. Fields that are not told are kept. */
export interface PushChange {
  change: 'push'
  kind: Kind
  key: string
  /** As push_data spells them. */
  fields: Record<string, unknown>
  /** Milliseconds since 1970. */
  version: number
}

/** One key of a list of delete_data. */
export interface EraseChange {
  change: 'erase'
  kind: Kind
  key: string
  version: number
  /** Whether it counts before what is pushed with the same version; where that is the time of receipt, the later one does. */
  winsTies: boolean
  /** Whether Seam is asked to delete what the relay has never held: it may be there from before the relay. */
  evenIfUnknown: boolean
  /** Whether it counts for every customer of the workspace: callers that are limited to some delete for those alone. */
  everywhere: boolean
}

export type CallChange = PushChange | EraseChange
