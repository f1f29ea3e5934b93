import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { bearerIn } from '../model/caller.ts'
import { headers, otherMethods, problem, text, unparsed } from '../openapi/answer.ts'
import { sendProblem } from '../problem.ts'

export interface ScrapeOptions {
  /** All metrics, in Prometheus' text format. */
  metrics: { text(): Promise<string> }
  /** RELAY_METRICS_TOKEN. Undefined: whoever reaches the relay may ask. */
  token: string | undefined
}

const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8'

const example = `# HELP relay_oldest_due_age_seconds For how long the oldest work of a stage could have gone on …
# TYPE relay_oldest_due_age_seconds gauge
relay_oldest_due_age_seconds{stage="translate"} 0.4
`

const metricsOperation: FastifySchema = {
  tags: ['Health'],
  operationId: 'getMetrics',
  summary: 'Read the metrics',
  description:
    'For Prometheus, in its text format. The list of metrics is docs/metrics.md. A token is asked for where RELAY_METRICS_TOKEN is set.',
  security: [{}, { metrics: [] }],
  response: {
    200: text('text/plain', 'The metrics.', example),
    401: problem(401, ['RELAY_KEY_UNKNOWN'], { headers: { 'WWW-Authenticate': headers.wwwAuthenticate } }),
    ...otherMethods,
    ...unparsed
  }
}

/** GET /metrics */
export const scrape: FastifyPluginAsyncTypebox<ScrapeOptions> = async (scope, { metrics, token }) => {
  scope.get('/metrics', { schema: metricsOperation }, async (request, reply) => {
    if (token !== undefined && !isToken(request.headers.authorization, token)) {
      return sendProblem(
        reply.header('www-authenticate', 'Bearer'),
        401,
        'RELAY_KEY_UNKNOWN',
        'Send Authorization: Bearer and what RELAY_METRICS_TOKEN is.'
      )
    }
    return reply.type(TEXT_FORMAT).send(await metrics.text())
  })
}

/** In a time that says nothing of how much of it is right. */
function isToken(authorization: string | undefined, token: string): boolean {
  const digest = (word: string) => createHash('sha256').update(word).digest()
  return timingSafeEqual(digest(bearerIn(authorization) ?? ''), digest(token))
}
