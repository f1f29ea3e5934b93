import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifySchema } from 'fastify'
import { answer, text, unparsed } from './answer.ts'

const PAGE = '/docs'

/** Swagger UI writes styles into its elements; beside that, everything comes from the relay itself. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

const Document = Type.Object(
  { openapi: Type.String(), info: Type.Unknown(), paths: Type.Unknown() },
  { title: 'OpenApiDocument', description: 'An OpenAPI document.', additionalProperties: true }
)

const documentOperation: FastifySchema = {
  tags: ['Documentation'],
  operationId: 'getOpenapi',
  summary: 'Read this document',
  description: 'The OpenAPI document of the service.',
  security: [],
  response: {
    200: answer(Document, 'The document.', {
      examples: { beginning: { summary: 'How it begins', value: { openapi: '3.1.0', info: {}, paths: {} } } }
    }),
    ...unparsed
  }
}

const pageOperation: FastifySchema = {
  tags: ['Documentation'],
  operationId: 'getDocs',
  summary: 'Read this document as a page',
  description: 'A page for people. It loads nothing from elsewhere.',
  security: [],
  response: { 200: text('text/html', 'The page.', '<!DOCTYPE html> …'), ...unparsed }
}

/** GET /openapi.json for programs, GET /docs for people. */
export const pages: FastifyPluginAsyncTypebox = async scope => {
  let document: string | undefined
  scope.get('/openapi.json', { schema: documentOperation }, async (_request, reply) => {
    document ??= JSON.stringify(scope.swagger())
    return reply.type('application/json').send(document)
  })

  // The page brings its own routes, without a word about them.
  scope.addHook('onRoute', route => {
    if (route.url === PAGE && route.method === 'GET') route.schema = pageOperation
  })
  scope.register(swaggerUi, {
    routePrefix: PAGE,
    staticCSP: POLICY,
    theme: { title: 'Seam relay' },
    uiConfig: { layout: 'BaseLayout', deepLinking: true, defaultModelsExpandDepth: 0 }
  })
}
