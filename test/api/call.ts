import { request } from 'undici'
import { hashOfKey, newApiKey, type Scope } from '../../src/model/caller.ts'
import { type ApiKey, apiKeysOf } from '../../src/store/callers.ts'
import type { Reply, TestRelay } from '../open-relay.ts'

export const API_KEY_SHAPE = /^seam_relay_[\w-]{43}$/

/** Of a caller from the environment. */
export const KEY = 'seam_relay_of_the_environment'
export const env = { RELAY_API_KEYS: KEY }

export interface CallInit {
  headers?: Record<string, string>
}

/** A call as an internal service makes it. @param body JSON unless it is text already; undefined: none */
export async function callWith(
  origin: string,
  key: string,
  method: string,
  path: string,
  body?: unknown,
  { headers = {} }: CallInit = {}
): Promise<Reply> {
  const reply = await request(`${origin}${path}`, {
    method: method as 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  })
  const text = await reply.body.text()
  return { status: reply.statusCode, headers: reply.headers, body: text === '' ? {} : JSON.parse(text) }
}

export interface Service {
  push(body: unknown, init?: CallInit): Promise<Reply>
  delete(body: unknown, init?: CallInit): Promise<Reply>
  /** @param query as it stands behind the question mark */
  deleteByQuery(query: string, init?: CallInit): Promise<Reply>
  report(id: unknown): Promise<Reply>
  events(body: unknown, query?: string): Promise<Reply>
}

export function serviceOf({ origin }: Pick<TestRelay, 'origin'>, key = KEY): Service {
  return {
    push: (body, init) => callWith(origin, key, 'POST', '/customers/push_data', body, init),
    delete: (body, init) => callWith(origin, key, 'POST', '/customers/delete_data', body, init),
    deleteByQuery: (query, init) =>
      callWith(origin, key, 'DELETE', `/customers/delete_data?${query}`, undefined, init),
    report: id => callWith(origin, key, 'GET', `/deliveries/${String(id)}`),
    events: (body, query = '') => callWith(origin, key, 'POST', `/v1/events${query}`, body)
  }
}

/** A key in the store. @returns its secret */
export async function storedKey(
  { store, clock }: Pick<TestRelay, 'store' | 'clock'>,
  told: Partial<Omit<ApiKey, 'scopes'>> & { scopes?: Scope[] } = {}
): Promise<string> {
  const key = newApiKey()
  await apiKeysOf(store).create({
    id: `key_${hashOfKey(key).slice(0, 8)}`,
    name: 'test',
    hash: hashOfKey(key),
    workspaceId: undefined,
    customers: undefined,
    scopes: ['push', 'delete', 'read'],
    strict: true,
    createdAt: clock.now,
    expiresAt: undefined,
    revokedAt: undefined,
    lastUsedAt: undefined,
    ...told
  })
  return key
}

/** What the relay has stored of calls, oldest first. */
export async function storedCalls({ store }: Pick<TestRelay, 'store'>) {
  const rows = await store.db
    .selectFrom('deliveries')
    .select(['id', 'headers', 'body', 'dedupe_key'])
    .where('connection_id', '=', '@callers')
    .orderBy('id')
    .execute()
  return rows.map(({ id, headers, body, dedupe_key }) => ({
    id,
    dedupeKey: dedupe_key,
    headers: JSON.parse(headers) as Record<string, string>,
    body: JSON.parse(Buffer.from(body).toString())
  }))
}
