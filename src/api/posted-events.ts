import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { RelayError } from '../errors.ts'
import { mayBeBroken } from '../model/broken-text.ts'
import { type Caller, mayReach } from '../model/caller.ts'
import type { Connection } from '../model/connection.ts'
import { parseJson } from '../model/delivery.ts'
import { inSpan, type Span } from '../model/trace.ts'
import { readStandardEvent, refuseBrokenText } from '../platforms/standard/read.ts'
import { BUSY_RETRY_AFTER_S, sendOwnTrouble, sendProblem } from '../problem.ts'
import { storing } from '../request-spans.ts'
import type { Appended, NewDelivery } from '../store/delivery-intake.ts'
import type { KnownCallers } from './api.ts'
import { callerOf, identifyingOrProblem } from './identify.ts'
import { isJson } from './media-type.ts'
import { MAX_EVENTS } from './schemas/events.ts'
import { describesOnly, postEventsOperation } from './schemas/operations.ts'

/** The platform whose events these are. */
const PLATFORM = 'standard'

type Judged = { delivery: NewDelivery } | { error: { code: string; detail: string } }

/** POST /v1/events: the relay's own events with an API key in the place of a signature, one or many in a body. */
export const postedEvents: FastifyPluginAsyncTypebox<KnownCallers> = async (scope, options) => {
  const { deliveries, log, now } = options
  // What is wrong with an event is said in its format's own words.
  scope.setValidatorCompiler(describesOnly)
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const url = '/v1/events'
  scope.post(url, {
    bodyLimit: options.maxBodyBytes,
    schema: postEventsOperation,
    onRequest: identifyingOrProblem(options.callers),
    handler: receive,
    errorHandler: answerError
  })

  async function receive(request: FastifyRequest, reply: FastifyReply) {
    const caller = callerOf(request)
    if (!caller.scopes.includes('push')) {
      return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', 'This API key lacks the scope push.')
    }
    const chosen = chosenConnection(caller, request.query as { connection?: string | string[] })
    if (typeof chosen === 'string') return sendProblem(reply, 400, 'RELAY_BAD_REQUEST', chosen)
    if (!isJson(request)) {
      return sendProblem(
        reply,
        415,
        'RELAY_MEDIA_TYPE',
        'Send JSON, uncompressed: content-type: application/json.'
      )
    }
    const body = bodyOf(request)
    if (body === undefined)
      return sendProblem(reply, 400, 'RELAY_BAD_REQUEST', 'The body is not JSON in UTF-8.')
    const isList = Array.isArray(body)
    if (isList && (body.length === 0 || body.length > MAX_EVENTS)) {
      const detail = `The list must have 1 to ${MAX_EVENTS} events; it has ${body.length}.`
      return sendProblem(reply, 400, 'RELAY_BAD_REQUEST', detail)
    }
    if (options.store.waiting() >= options.maxQueued) {
      return sendProblem(reply.header('retry-after', BUSY_RETRY_AFTER_S), 503, 'RELAY_OVERLOADED')
    }
    const isSuspect = mayBeBroken(request.body as Uint8Array)
    const judged = (isList ? body : [body]).map(event => judge(event, chosen, isSuspect))
    const [only] = judged
    if (!isList && only !== undefined && 'error' in only) {
      return sendProblem(reply, 400, 'RELAY_EVENT_INVALID', only.error.detail)
    }
    const results = await store(judged, request, chosen)
    return reply.send(isList ? { results } : { received: true, ...results[0] })
  }

  /** The connection, or a sentence that says why there is none. */
  function chosenConnection(
    caller: Caller,
    { connection: id }: { connection?: string | string[] }
  ): Connection | string {
    const workspaceId = options.workspaceOf(caller)
    const within = options.connections.filter(
      each =>
        each.platform === PLATFORM && each.workspaceId === workspaceId && mayReach(caller, each.customerKey)
    )
    const found = id === undefined && within.length === 1 ? within[0] : within.find(each => each.id === id)
    if (found !== undefined) return found
    if (within.length === 0) {
      return `No connection of the platform ${PLATFORM} is within the reach of this API key; add one to the connections file.`
    }
    const names = within.map(each => each.id).join(', ')
    return `Say where the events belong: ?connection=<id>, where this API key may use ${names}.`
  }

  /** @param isSuspect where texts that cannot be kept may be among what was sent */
  function judge(event: unknown, connection: Connection, isSuspect: boolean): Judged {
    try {
      if (isSuspect) refuseBrokenText(event)
      const { id: eventId } = readStandardEvent(event) as { id?: string | number | null }
      const body = writtenAgain(event)
      return {
        delivery: {
          id: options.nextId(),
          connectionId: connection.id,
          platform: PLATFORM,
          dedupeKey: eventId == null ? undefined : `event:${eventId}`,
          receivedAt: now(),
          headers: { 'content-type': 'application/json' },
          query: {},
          body
        }
      }
    } catch (error) {
      /* c8 ignore next -- the reader throws nothing else, and what else there were would be a mistake of ours */
      if (!(error instanceof RelayError)) throw error
      return { error: { code: error.code, detail: error.message } }
    }
  }

  /** All of them, or none: nobody is told that something is stored that is not. */
  async function store(judged: Judged[], request: FastifyRequest, { id: connectionId }: Connection) {
    const right = judged.flatMap(each => ('delivery' in each ? [each.delivery] : []))
    const appended = right.length === 0 ? [] : await storeAll(right, request.span)
    if (appended.some(each => !each.duplicate)) options.onStored()
    request.span?.set({ 'relay.connection.id': connectionId, 'relay.deliveries': appended.length })
    for (const { id: deliveryId, duplicate } of appended) {
      const { id: requestId } = request
      log.info({
        event: 'delivery.stored',
        requestId,
        deliveryId,
        connectionId,
        platform: PLATFORM,
        duplicate
      })
    }
    const next = appended.values()
    return judged.map(each => ('error' in each ? each : storedAs(next.next().value as Appended)))
  }

  function storeAll(right: NewDelivery[], under: Span | undefined): Promise<Appended[]> {
    const span = storing(under, PLATFORM)
    for (const each of right) each.trace = span?.ref
    return inSpan(span, deliveries.appendAll(right))
  }

  function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): unknown {
    if (error.statusCode !== undefined && error.statusCode < 500) throw error
    log.error({ event: 'delivery.not_stored', requestId: request.id, err: error })
    return sendOwnTrouble(reply, error)
  }
}

function storedAs({ id, duplicate }: Appended) {
  return duplicate ? { delivery_id: id, duplicate } : { delivery_id: id }
}

/** @throws RelayError RELAY_EVENT_INVALID where it lies too deep to be written */
function writtenAgain(event: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(event))
  } catch (error) {
    throw new RelayError(
      'RELAY_EVENT_INVALID',
      'the event lies too deep: nothing in it needs so many levels',
      {
        cause: error
      }
    )
  }
}

function bodyOf({ body }: FastifyRequest): unknown {
  try {
    return parseJson(body as Uint8Array)
  } catch {
    return undefined
  }
}
