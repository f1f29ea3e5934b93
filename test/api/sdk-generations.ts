import {
  SeamHttp as NewestSeam,
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpUnauthorizedError
} from '@seamapi/http'
import {
  SeamHttpApiError as EarlierApiError,
  SeamHttpInvalidInputError as EarlierInvalidInputError,
  Seam as EarlierSeam,
  SeamHttpUnauthorizedError as EarlierUnauthorizedError
} from 'seam'
import type { Test } from 'tap'
import { until } from '../ingest/front-door.ts'
import type { TestRelay } from '../open-relay.ts'
import { KEY, storedCalls } from './call.ts'
import { onlyValidCalls } from './seam-oracle.ts'

/**
 * The relay in the place of Seam, for both generations of the official SDK: `seam` 1.160.0 deletes with POST and repeats
 * a push whose connection broke; `@seamapi/http` 2.32.0, which is inside the newest `seam`, deletes with DELETE.
 */

/** What both clients have in common. */
export interface Client {
  customers: {
    pushData(parameters: { customer_key: string }): PromiseLike<void>
    deleteData(parameters: Record<string, string[]>): PromiseLike<void>
  }
}

export interface Generation {
  name: string
  open(endpoint: string, apiKey?: string, headers?: Record<string, string>): Client
  ApiError: typeof SeamHttpApiError | typeof EarlierApiError
  InvalidInputError: typeof SeamHttpInvalidInputError | typeof EarlierInvalidInputError
  UnauthorizedError: typeof SeamHttpUnauthorizedError | typeof EarlierUnauthorizedError
  /** Connections that it makes for one push, where each one breaks. */
  triesToPush: number
}

export const generations: Generation[] = [
  {
    name: 'seam 1.160.0',
    open: (endpoint, apiKey = KEY, headers = {}) =>
      new EarlierSeam({ endpoint, apiKey, axiosOptions: { headers } }),
    ApiError: EarlierApiError,
    InvalidInputError: EarlierInvalidInputError,
    UnauthorizedError: EarlierUnauthorizedError,
    triesToPush: 3
  },
  {
    name: '@seamapi/http 2.32.0',
    open: (endpoint, apiKey = KEY, headers = {}) =>
      new NewestSeam({ endpoint, apiKey, axiosOptions: { headers } }),
    ApiError: SeamHttpApiError,
    InvalidInputError: SeamHttpInvalidInputError,
    UnauthorizedError: SeamHttpUnauthorizedError,
    triesToPush: 1
  }
]

export const stay = {
  customer_key: 'lakeside',
  spaces: [{ space_key: 'cabin', name: 'Cabin' }],
  guests: [{ guest_key: 'ada', name: 'Ada Lovelace', email_address: 'ada@example.com' }],
  reservations: [
    {
      reservation_key: 'r1',
      guest_key: 'ada',
      space_keys: ['cabin'],
      starts_at: '2027-07-01T14:00:00Z',
      ends_at: '2027-07-03T10:00:00Z'
    }
  ]
}

/** Why a call failed. */
export async function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    error => error
  )
}

export async function reservationsAtSeam(relay: TestRelay) {
  await relay.settle()
  return (await relay.held('lakeside')).reservations ?? []
}

export async function isStored(relay: TestRelay) {
  return until(
    () => storedCalls(relay),
    calls => calls.length > 0
  )
}

/** Whatever Seam was sent, it took. @returns the calls */
export async function wentWell(t: Test, relay: TestRelay) {
  const calls = await onlyValidCalls(t, relay)
  t.strictSame(
    calls.filter(({ status }) => status !== 200),
    []
  )
  return calls
}
