import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Logger } from 'pino'
import { type ApiOptions, api } from './api/api.ts'
import { type ErrorCode, RelayError } from './errors.ts'
import { type IngestOptions, ingest } from './ingest/ingest.ts'
import { refuseOtherMethods } from './methods.ts'
import { type HealthOptions, health } from './observe/health.ts'
import { type ScrapeOptions, scrape } from './observe/scrape.ts'
import { compileWhenNeeded } from './openapi/compilers.ts'
import { describeRoutes } from './openapi/document.ts'
import { pages } from './openapi/pages.ts'
import { type OperateOptions, operate } from './operate/operate.ts'
import { PROBLEM_TYPE, problemOf, sendProblem } from './problem.ts'
import { type SandboxOptions, sandbox } from './sandbox/sandbox.ts'
import { type ServeOptions, serve } from './serve/serve.ts'

export interface ServerOptions {
  log: Logger
  trustProxy: NonNullable<FastifyServerOptions['trustProxy']>
  ingest: IngestOptions
  api: ApiOptions
  health: HealthOptions
  metrics: ScrapeOptions
  operate: OperateOptions
  dashboard: ServeOptions
  /** Given where the relay is its own Seam. */
  sandbox?: SandboxOptions | undefined
  /** How long a request may take to come in, ms. */
  requestTimeoutMs?: number
}

/** A token in an address, or a long connection id. */
const MAX_PARAM_LENGTH = 512
/** Deletions come with all their keys in the address: 64 KiB of them, and 16 KiB of headers as ever. */
const MAX_HEADER_BYTES = 80 * 1024
/** A sender that drips its body holds a place; so long, and no longer. */
const REQUEST_TIMEOUT_MS = 60_000

/** The Fastify instance with all its rooms; it does not listen. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const { log, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
  const app = Fastify({
    // Fastify's own lines would carry addresses, and addresses carry tokens.
    logger: false,
    genReqId: () => randomUUID(),
    trustProxy: options.trustProxy,
    requestTimeout: requestTimeoutMs,
    // Node takes the longer of the two time-outs for the body, whichever it was given for.
    http: {
      headersTimeout: requestTimeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 6)
    },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true },
    // What still comes over an open connection while the server closes is taken in: the store closes after it.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => refuseUnparsed(error, socket, log),
    frameworkErrors: (error, _request, reply) =>
      void sendProblem(reply, Number(error.statusCode), 'RELAY_BAD_REQUEST')
  }).withTypeProvider<TypeBoxTypeProvider>()

  // Node would answer 417 and nothing more; an expectation may as well be passed over (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  letGoOfUnused(app)
  refuseOtherMethods(app, MAX_PARAM_LENGTH)
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, 'RELAY_NOT_FOUND'))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ event: 'request.failed', requestId: request.id, err: error })
    return sendProblem(reply, status, error instanceof RelayError ? error.code : codeOf(status))
  })

  compileWhenNeeded(app)
  describeRoutes(app)
  app.register(health, options.health)
  app.register(scrape, options.metrics)
  app.register(ingest, options.ingest)
  app.register(api, options.api)
  app.register(operate, options.operate)
  app.register(serve, options.dashboard)
  app.register(pages)
  if (options.sandbox !== undefined) app.register(sandbox, options.sandbox)
  return app
}

/**
 * Browsers open connections before they know what to ask. Closing would wait for a request on each of them, for as long
 * as one may take.
 */
function letGoOfUnused(app: FastifyInstance): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', async () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  })
}

/** What Fastify's own refusals are called here. */
function codeOf(status: number): ErrorCode {
  if (status >= 500) return 'RELAY_INTERNAL'
  if (status === 413) return 'RELAY_BODY_TOO_LARGE'
  if (status === 415) return 'RELAY_MEDIA_TYPE'
  return 'RELAY_BAD_REQUEST'
}

const TOO_LONG = 'The address or the headers are too long; send fewer keys at a time, or POST them.'

/** What Node cannot read as HTTP never becomes a request; its answer is written by hand, and the connection ends. */
function refuseUnparsed({ code }: Error & { code?: string }, socket: Socket, log: Logger): void {
  const requestId = randomUUID()
  log.debug({ event: 'request.unreadable', requestId, code })
  if (!socket.writable) return void socket.destroy()
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const detail = status === 431 ? TOO_LONG : undefined
  const body = JSON.stringify(problemOf(status, 'RELAY_BAD_REQUEST', requestId, detail))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close'
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}
