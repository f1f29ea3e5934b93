import { access } from 'node:fs/promises'
import { join } from 'node:path'
import statics from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { otherMethods, problem, text, unparsed } from '../openapi/answer.ts'
import { sendProblem } from '../problem.ts'
import { policy } from './policy.ts'

export interface ServeOptions {
  /** Where the dashboard was built; what comes with the relay unless given. */
  folder?: string | undefined
}

const PAGE = '/dashboard'
const INDEX = 'index.html'
/** The same from the sources and from what was built of them. */
const BUILT = join(import.meta.dirname, '../../dist/dashboard')
const YEAR_MS = 365 * 24 * 3_600_000

const pageOperation = {
  tags: ['Operators'],
  operationId: 'getDashboard',
  summary: 'Open the dashboard',
  description: 'For people. What it shows it asks of /api/v1, and it loads nothing from elsewhere.',
  security: [],
  response: {
    200: text('text/html', 'The page.', '<!doctype html> …'),
    404: problem(404, ['RELAY_NOT_FOUND'], { description: 'The dashboard was not built.' }),
    ...otherMethods,
    ...unparsed
  }
}

/** The dashboard's files: one page for all of its addresses, and what the page is made of. */
export const serve: FastifyPluginAsyncTypebox<ServeOptions> = async (scope, { folder = BUILT }) => {
  await scope.register(statics, {
    root: folder,
    serve: false,
    preCompressed: true,
    // It may be built later.
    suppressWarning: true
  })
  scope.addHook('onRequest', async (_request, reply) => void reply.headers(policy))

  scope.get('/', (_request, reply) => reply.redirect(PAGE))
  scope.get(PAGE, { schema: pageOperation }, (_request, reply) => page(reply))
  scope.get(`${PAGE}/*`, (_request, reply) => page(reply))
  // Their names change with what is in them.
  scope.get<{ Params: { file: string } }>(`${PAGE}/assets/:file`, ({ params: { file } }, reply) =>
    /^\w[\w.-]*$/.test(file)
      ? reply.sendFile(`assets/${file}`, folder, { immutable: true, maxAge: YEAR_MS })
      : reply.callNotFound()
  )

  async function page(reply: FastifyReply) {
    try {
      await access(join(folder, INDEX))
    } catch {
      const detail = 'The dashboard was not built: run "npm run build", then load this page again.'
      return sendProblem(reply, 404, 'RELAY_NOT_FOUND', detail)
    }
    // Asked for again each time, which is answered in a few bytes where nothing has changed.
    return reply.sendFile(INDEX, folder, { cacheControl: false }).header('cache-control', 'no-cache')
  }
}
