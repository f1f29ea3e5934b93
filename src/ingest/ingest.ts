import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { Logger } from 'pino'
import { inStep } from '../in-step.ts'
import { methodsBut } from '../methods.ts'
import type { Connection } from '../model/connection.ts'
import { inSpan, type Tracer } from '../model/trace.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import { BUSY_RETRY_AFTER_S, sendOwnTrouble, sendProblem } from '../problem.ts'
import { storing, traceRequests } from '../request-spans.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Store } from '../store/store.ts'
import { refusalOf } from './accept.ts'
import { admissionOf } from './admission.ts'
import { incomingOf, type WebhookRequest } from './incoming.ts'
import { webhookOperation, webhookWithTokenOperation } from './operations.ts'
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
  meter?: IngestMeter
  tracer?: Tracer | undefined
}

/** What is counted of webhooks; what is rejected is counted with its cause, see {@link Rejections}. */
export interface IngestMeter {
  /** On disk, or there before. */
  taken(platform: string, duplicate: boolean): void
  /** @param platform undefined where there is no such connection */
  turnedAway(platform: string | undefined, why: 'busy' | 'overloaded' | 'failed'): void
  /** Answered 200, so long after the request's first line. */
  acknowledged(ms: number): void
}

interface Account {
  connection: Connection
  platform: Platform
}

/** Who the request is for, and whether it holds a place among the unverified. */
interface Addressee {
  /** Undefined where there is no such connection; nobody outside can tell, as everything goes on alike until the answer. */
  account: Account | undefined
  connectionId: string
  /** Whose place it holds. */
  asked: string
  contentType: string | undefined
  admitted: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a webhook, from the moment it was admitted. */
    addressee?: Addressee | undefined
  }
}

/** In place of what the sender calls its body. */
const ANY_TYPE = 'application/octet-stream'

/**
 * POST /webhooks/:platform/:connectionId[/:token]. Verified before it is parsed, answered 2xx only when it is on disk.
 * Unknown connections and wrong credentials look alike from outside.
 */
export const ingest: FastifyPluginAsyncTypebox<IngestOptions> = async (scope, options) => {
  const { deliveries, rejections, log, now, meter, tracer } = options
  const admission = admissionOf(options.maxUnverified)
  const strangers = admissionOf(options.maxUnverified)
  scope.decorateRequest('addressee')
  // Of addresses that lead nowhere nothing is told: anybody could fill the place where traces are kept.
  traceRequests(scope, tracer, ({ addressee }) => {
    if (addressee?.account === undefined) return undefined
    const { connection, platform } = addressee.account
    return { attributes: { 'relay.connection.id': connection.id, 'relay.platform': platform.name } }
  })

  // The exact bytes, whatever they claim to be; only within this scope.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    ANY_TYPE,
    { parseAs: 'buffer', bodyLimit: options.maxBodyBytes },
    (_request, body, done) => done(null, body)
  )
  const otherMethods = methodsBut(scope, ['POST'])

  const operations = {
    '/webhooks/:platform/:connectionId': webhookOperation,
    '/webhooks/:platform/:connectionId/:token': webhookWithTokenOperation
  }
  for (const [url, schema] of Object.entries(operations)) {
    scope.post<WebhookRequest>(url, {
      bodyLimit: options.maxBodyBytes,
      onRequest: admit,
      onResponse: (request, reply, done) => {
        leave(request)
        if (reply.statusCode === 200) meter?.acknowledged(reply.elapsedTime)
        done()
      },
      onRequestAbort: (request, done) => {
        leave(request)
        done()
      },
      handler: receive,
      errorHandler: refuse,
      schema,
      // It describes: what a platform sends is for its adapter to judge.
      validatorCompiler: () => () => true
    })
    scope.route({ method: otherMethods, url, onRequest: refuseMethod, handler: refuseMethod })
  }

  /** Before a byte of the body is read: may one more wait for its verification? With a callback, as a promise costs more than the look. */
  function admit(
    request: FastifyRequest<WebhookRequest>,
    reply: FastifyReply,
    done: HookHandlerDoneFunction
  ): void {
    const account = accountOf(request.params)
    const connectionId = account?.connection.id ?? UNKNOWN_CONNECTION
    // Each address that is asked for has its share, whether there is such a connection or not: a full one tells nothing.
    const asked = `${request.params.platform}/${request.params.connectionId}`
    if (!admission.enter(asked)) {
      log.warn({ event: 'request.turned_away', requestId: request.id, connectionId })
      meter?.turnedAway(account?.platform.name, 'busy')
      sendProblem(reply.header('retry-after', BUSY_RETRY_AFTER_S), 429, 'RELAY_BUSY')
      return
    }
    // All that lead nowhere together hold no more than one connection may; what is beyond is answered unread.
    if (account === undefined && !strangers.enter(UNKNOWN_CONNECTION)) {
      admission.leave(asked)
      rejections.add('unknown_connection', { requestId: request.id, connectionId })
      unauthorized(reply)
      return
    }
    const { headers } = request.raw
    request.addressee = { account, connectionId, asked, contentType: headers['content-type'], admitted: true }
    // Fastify would refuse one that it cannot read, before anybody has asked who sends; and of one that is not there it makes a
    // new object for each request.
    headers['content-type'] = ANY_TYPE
    done()
  }

  function accountOf({ platform: name, connectionId }: WebhookRequest['Params']): Account | undefined {
    const connection = options.connectionOf(connectionId)
    const platform = connection && platformOf(options.platforms, connection)
    return connection === undefined || platform?.name !== name ? undefined : { connection, platform }
  }

  function leave(request: FastifyRequest): void {
    const { addressee } = request
    if (addressee?.admitted !== true) return
    addressee.admitted = false
    admission.leave(addressee.asked)
    if (addressee.account === undefined) strangers.leave(UNKNOWN_CONNECTION)
  }

  /** A verdict that takes its time: until then the request counts, though its share be full. */
  async function whileAdmitted<T>(request: FastifyRequest, verdict: Promise<T>): Promise<T> {
    const addressee = request.addressee as Addressee
    admission.add(addressee.asked)
    addressee.admitted = true
    return verdict.finally(() => leave(request))
  }

  async function receive(request: FastifyRequest<WebhookRequest>, reply: FastifyReply): Promise<unknown> {
    const { account, connectionId, contentType } = request.addressee as Addressee
    if (account === undefined) {
      // Not left to the answer's end: behind an answer that never goes out there is none.
      leave(request)
      rejections.add('unknown_connection', { requestId: request.id, connectionId })
      return unauthorized(reply)
    }
    const { connection, platform } = account
    // Its body is here. That it waits for those that came with it must not turn the last of them away.
    leave(request)
    await inStep()
    const incoming = incomingOf(request, connection.id, now(), contentType)
    const judged = refusalOf(incoming, connection, platform)
    // Hardly any platform has to wait for its verdict; who need not, is not made to.
    const cause = judged instanceof Promise ? await whileAdmitted(request, judged) : judged
    if (cause !== undefined) {
      request.span?.set({ 'relay.rejected': cause })
      rejections.add(cause, {
        requestId: request.id,
        connectionId,
        incoming,
        platform,
        secrets: connection.secrets
      })
      return cause === 'media_type' ? sendProblem(reply, 415, 'RELAY_MEDIA_TYPE') : unauthorized(reply)
    }
    if (options.store.waiting() >= options.maxQueued) {
      log.warn({ event: 'delivery.turned_away', requestId: request.id, connectionId })
      meter?.turnedAway(platform.name, 'overloaded')
      return sendProblem(reply.header('retry-after', BUSY_RETRY_AFTER_S), 503, 'RELAY_OVERLOADED')
    }
    if (tracer !== undefined) linkToSender(request, tracer)
    const span = storing(request.span, platform.name)
    const append = deliveries.append({
      id: options.nextId(),
      connectionId,
      platform: platform.name,
      dedupeKey: platform.deliveryId?.(incoming),
      receivedAt: incoming.receivedAt,
      body: incoming.body,
      trace: span?.ref,
      ...withoutSecrets(incoming, platform.verification)
    })
    const { id, duplicate } = await inSpan(span, append)
    request.span?.set({ 'relay.delivery.id': id, 'relay.duplicate': duplicate })
    if (!duplicate) options.onStored()
    meter?.taken(platform.name, duplicate)
    log.info({
      event: 'delivery.stored',
      requestId: request.id,
      deliveryId: id,
      connectionId,
      platform: platform.name,
      duplicate
    })
    return reply.send(
      duplicate ? { received: true, delivery_id: id, duplicate } : { received: true, delivery_id: id }
    )
  }

  function refuse(
    error: Error & { code?: string; statusCode?: number },
    request: FastifyRequest,
    reply: FastifyReply
  ): unknown {
    const { account, connectionId } = request.addressee as Addressee
    leave(request)
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      rejections.add('body_too_large', { requestId: request.id, connectionId })
      return sendProblem(reply, 413, 'RELAY_BODY_TOO_LARGE')
    }
    // A sender that broke off its own body hears nothing any more.
    if (error.statusCode !== undefined && error.statusCode < 500) throw error
    log.error({ event: 'delivery.not_stored', requestId: request.id, connectionId, err: error })
    meter?.turnedAway(account?.platform.name, 'failed')
    return sendOwnTrouble(reply, error)
  }
}

/**
 * A platform's trace is in the platform's own hands: as our parent it would decide whether ours is kept, and stand above it as
 * a span that nobody here ever sees. So it is pointed at, and only once the sender is known to be the platform.
 */
function linkToSender(request: FastifyRequest, tracer: Tracer): void {
  const sender = tracer.senderSpan(request.headers.traceparent)
  if (sender !== undefined) request.span?.link(sender)
}

async function refuseMethod(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return sendProblem(reply.header('allow', 'POST'), 405, 'RELAY_METHOD_NOT_ALLOWED')
}

function unauthorized(reply: FastifyReply): FastifyReply {
  return sendProblem(reply.header('www-authenticate', 'Basic realm="webhooks"'), 401, 'RELAY_UNAUTHORIZED')
}
