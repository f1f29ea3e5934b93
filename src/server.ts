import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Logger } from 'pino'
import { RelayError } from './errors.ts'
import { type IngestOptions, ingest } from './ingest/ingest.ts'
import { type HealthOptions, health } from './observe/health.ts'
import { sendProblem } from './problem.ts'
import { type SandboxOptions, sandbox } from './sandbox/sandbox.ts'

export interface ServerOptions {
  log: Logger
  trustProxy: NonNullable<FastifyServerOptions['trustProxy']>
  ingest: IngestOptions
  health: HealthOptions
  /** Given where the relay is its own Seam. */
  sandbox?: SandboxOptions | undefined
}

/** A token in an address, or a long connection id. */
const MAX_PARAM_LENGTH = 512
/** A sender that drips its body holds a place; so long, and no longer. */
const REQUEST_TIMEOUT_MS = 60_000

/** The Fastify instance with all its rooms; it does not listen. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const { log } = options
  const app = Fastify({
    // Fastify's own lines would carry addresses, and addresses carry tokens.
    logger: false,
    trustProxy: options.trustProxy,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true }
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, 'RELAY_NOT_FOUND'))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof RelayError) {
      if (error.statusCode >= 500) log.error({ event: 'request.failed', requestId: request.id, err: error })
      return sendProblem(reply, error.statusCode, error.code)
    }
    const status = error.statusCode ?? 500
    if (status < 500) return sendProblem(reply, status, 'RELAY_BAD_REQUEST')
    log.error({ event: 'request.failed', requestId: request.id, err: error })
    return sendProblem(reply, 500, 'RELAY_INTERNAL')
  })

  app.register(health, options.health)
  app.register(ingest, options.ingest)
  if (options.sandbox !== undefined) app.register(sandbox, options.sandbox)
  return app
}
