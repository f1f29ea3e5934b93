import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifySchema } from 'fastify'
import { answer, otherMethods, text, unparsed } from './answer.ts'

const DOCUMENT = '/openapi.json'
const PAGE = '/docs'

/** What the page begins with: from the address of this very script, as the relay may stand behind a path. */
const START = `SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: new URL('../..${DOCUMENT}', document.currentScript.src).href,
  layout: 'BaseLayout',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null
})
`

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

/** Where the page would serve the document once more. */
const copies = new Set([`${PAGE}/json`, `${PAGE}/yaml`])

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
    ...otherMethods,
    ...unparsed
  }
}

const pageOperation: FastifySchema = {
  tags: ['Documentation'],
  operationId: 'getDocs',
  summary: 'Read this document as a page',
  description:
    'A page for people. It loads nothing from elsewhere: its own scripts and styles lie under /docs/static.',
  security: [],
  response: { 200: text('text/html', 'The page.', '<!DOCTYPE html> …'), ...otherMethods, ...unparsed }
}

/** GET /openapi.json for programs, GET /docs for people. */
export const pages: FastifyPluginAsyncTypebox = async scope => {
  let document: string | undefined
  scope.get(DOCUMENT, { schema: documentOperation }, async (_request, reply) => {
    document ??= JSON.stringify(scope.swagger())
    return reply.type('application/json').send(document)
  })

  // The page brings its own routes, without a word about them.
  scope.addHook('onRoute', route => {
    if (route.url === PAGE && route.method === 'GET') route.schema = pageOperation
    // The document has one address, and the page reads it there.
    if (copies.has(route.url)) route.handler = (_request, reply) => reply.callNotFound()
    if (route.url === `${PAGE}/static/swagger-initializer.js`)
      route.handler = (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START)
  })
  scope.register(swaggerUi, {
    routePrefix: PAGE,
    staticCSP: POLICY,
    theme: { title: 'Seam relay' }
  })
}
