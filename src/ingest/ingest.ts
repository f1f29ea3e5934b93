import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import type { Incoming } from '../model/delivery.ts'
import type { Platform } from '../platforms/platform.ts'
import { Problem, sendProblem } from '../problem.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Store } from '../store/store.ts'
import { refusalOf } from './accept.ts'
import { admissionOf } from './admission.ts'
import { withoutSecrets } from './redact.ts'
import { type Rejections, UNKNOWN_CONNECTION } from './rejections.ts'

export interface IngestOptions {
  store: Pick<Store, 'waiting'>
  deliveries: Deliveries
  rejections: Rejections
  connectionOf(id: string): Connection | undefined
  platforms: Record<string, Platform>
  maxBodyBytes: number
  /** Requests per connection being read or verified at once. */
  maxUnverified: number
  /** Deliveries waiting for the store. */
  maxQueued: number
  now(): number
  nextId(): string
  log: Logger
  /** A delivery is on disk. */
  onStored(): void
}

interface WebhookRequest {
  Params: { platform: string; connectionId: string; token?: string }
}

/** Who the request is for, once that is known, and whether it holds a place among the unverified. */
interface Addressee {
  connection: Connection
  platform: Platform
  admitted: boolean
}

const BUSY_RETRY_AFTER_S = 1
const STORE_RETRY_AFTER_S = 5

const Received = Type.Object({
  received: Type.Literal(true),
  delivery_id: Type.String(),
  duplicate: Type.Optional(Type.Literal(true))
})

/**
 * POST /webhooks/:platform/:connectionId[/:token]. Verified before it is parsed, answered 2xx only when it is on disk.
 * Unknown connections and wrong credentials look alike from outside.
 */
export const ingest: FastifyPluginAsyncTypebox<IngestOptions> = async (scope, options) => {
  const { deliveries, rejections, log, now } = options
  const admission = admissionOf(options.maxUnverified)
  const addressees = new WeakMap<FastifyRequest, Addressee>()

  // The exact bytes, whatever they claim to be; only within this scope.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: options.maxBodyBytes }, (_request, body, done) =>
    done(null, body)
  )

  for (const url of ['/webhooks/:platform/:connectionId', '/webhooks/:platform/:connectionId/:token']) {
    scope.post<WebhookRequest>(url, {
      bodyLimit: options.maxBodyBytes,
      onRequest: find,
      onResponse: leave,
      onRequestAbort: async request => leave(request),
      handler: receive,
      errorHandler: refuse,
      schema: { response: { 200: Received, '4xx': Problem, '5xx': Problem } }
    })
    scope.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url,
      handler: async (_request, reply) => sendProblem(reply.header('allow', 'POST'), 405, 'RELAY_METHOD_NOT_ALLOWED')
    })
  }

  /** Before a byte of the body is read: is there such a connection, and may one more wait for its verification? */
  async function find(request: FastifyRequest<WebhookRequest>, reply: FastifyReply): Promise<unknown> {
    const { platform: name, connectionId } = request.params
    const connection = options.connectionOf(connectionId)
    const platform = options.platforms[connection?.platform ?? '']
    if (connection === undefined || platform === undefined || platform.name !== name) {
      rejections.add('unknown_connection', { connectionId: UNKNOWN_CONNECTION })
      return unauthorized(reply)
    }
    if (!admission.enter(connection.id)) {
      log.warn({ event: 'request.turned_away', connectionId: connection.id })
      return sendProblem(reply.header('retry-after', BUSY_RETRY_AFTER_S), 429, 'RELAY_BUSY')
    }
    addressees.set(request, { connection, platform, admitted: true })
    return undefined
  }

  async function leave(request: FastifyRequest): Promise<void> {
    const addressee = addressees.get(request)
    if (addressee?.admitted !== true) return
    addressee.admitted = false
    admission.leave(addressee.connection.id)
  }

  async function receive(request: FastifyRequest<WebhookRequest>, reply: FastifyReply): Promise<unknown> {
    const addressee = addressees.get(request)
    if (addressee === undefined) throw new RelayError('RELAY_INTERNAL')
    const { connection, platform } = addressee
    const incoming = incomingOf(request, connection.id, now())
    const cause = await refusalOf(incoming, connection, platform)
    await leave(request)
    if (cause !== undefined) {
      rejections.add(cause, { connectionId: connection.id, incoming, platform })
      return cause === 'media_type' ? sendProblem(reply, 415, 'RELAY_MEDIA_TYPE') : unauthorized(reply)
    }
    if (options.store.waiting() >= options.maxQueued) {
      return sendProblem(reply.header('retry-after', BUSY_RETRY_AFTER_S), 503, 'RELAY_OVERLOADED')
    }
    const { id, duplicate } = await deliveries.append({
      id: options.nextId(),
      connectionId: connection.id,
      platform: platform.name,
      dedupeKey: platform.deliveryId?.(incoming),
      receivedAt: incoming.receivedAt,
      body: incoming.body,
      ...withoutSecrets(incoming, platform.verification)
    })
    if (!duplicate) options.onStored()
    log.info({ event: 'delivery.stored', deliveryId: id, connectionId: connection.id, platform: platform.name, duplicate })
    return reply.send(duplicate ? { received: true, delivery_id: id, duplicate } : { received: true, delivery_id: id })
  }

  function refuse(error: Error & { code?: string; statusCode?: number }, request: FastifyRequest, reply: FastifyReply): unknown {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const connectionId = addressees.get(request)?.connection.id ?? UNKNOWN_CONNECTION
      rejections.add('body_too_large', { connectionId })
      return sendProblem(reply.header('connection', 'close'), 413, 'RELAY_BODY_TOO_LARGE')
    }
    if (error instanceof RelayError && error.code === 'RELAY_STORE_UNAVAILABLE') {
      log.error({ event: 'delivery.not_stored', err: error })
      return sendProblem(reply.header('retry-after', STORE_RETRY_AFTER_S), 503, error.code)
    }
    throw error
  }
}

function unauthorized(reply: FastifyReply): FastifyReply {
  return sendProblem(reply.header('www-authenticate', 'Basic realm="webhooks"'), 401, 'RELAY_UNAUTHORIZED')
}

function incomingOf(request: FastifyRequest<WebhookRequest>, connectionId: string, receivedAt: number): Incoming {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  const query: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(request.query as Record<string, string | string[]>)) {
    query[name] = Array.isArray(value) ? value : [value]
  }
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
  return { connectionId, receivedAt, headers, query, token: request.params.token, remoteAddress: request.ip, body }
}
