import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { strictBodies } from '../openapi/compilers.ts'
import { sendProblem } from '../problem.ts'
import type { Addressed, Admission, Answer } from './admission.ts'
import { type Audited, auditedBy } from './audit-entry.ts'
import { membersOf, refuseUnknown } from './bad-request.ts'
import type { OperateRoom } from './operate.ts'
import type { Operator } from './operators.ts'
import type { Shown } from './shown.ts'

/** What an operator wants done, read and allowed. */
export interface Action<Params, Body, Query> {
  params: Params
  body: Body
  query: Query
  operator: Operator
  shown: Shown
  request: FastifyRequest
  /** Nobody's data goes there; `detailOf` makes a detail of filters. */
  audited: Audited
}

export interface ActOptions {
  /** The least that is asked of the operator. */
  scope?: Operator['may']
}

/** One address under which operators do something. */
export type Act = <Params, Body, Query = unknown>(
  method: 'POST' | 'DELETE',
  url: string,
  schema: FastifySchema,
  perform: (action: Action<Params, Body, Query>) => Promise<Answer>,
  options?: ActOptions
) => void

/** What is answered where there is nothing to say: a schema with the status 204. */
export const DONE: object = {}

/** Filters, and some hundreds of ids. */
const MAX_BODY_BYTES = 64 * 1024

type Acted = Addressed & { Body: object | undefined }

/** What all actions of operators have in common, beside what they share with questions: bodies, and the audit log. */
export function acting(scope: FastifyInstance, room: OperateRoom, admission: Admission): Act {
  const { admit, tell } = admission
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parse(request, body as string, done)
  )

  return (method, url, schema, perform, { scope: least = 'operate' } = {}) => {
    const known = membersOf(schema.querystring)
    const status = statusOf(schema)
    scope.route<Acted>({
      method,
      url,
      schema,
      bodyLimit: MAX_BODY_BYTES,
      validatorCompiler: strictBodies,
      onRequest: (request, reply) => admit(request, reply, least),
      preValidation: async request => {
        refuseUnknown(request.query, known)
        // Where everything may be left out, the body may be too.
        request.body ??= {}
        if (schema.body === undefined) refuseUnknown(Object(request.body), [])
      },
      handler: (request, reply) =>
        tell(
          request,
          reply,
          (operator, shown) => {
            const { params, query, body } = request
            const audited = auditedBy(operator, room)
            return perform({ params, query, body, operator, shown, request, audited } as never)
          },
          answer => (status === 204 ? reply.code(status).send() : reply.code(status).send(answer))
        ),
      errorHandler: answerError
    })
  }

  /** What Fastify says of bodies, in the words of this address. */
  function answerError(
    error: Error & { statusCode?: number },
    request: FastifyRequest,
    reply: FastifyReply
  ): unknown {
    const refused = refusals[String((error as { code?: unknown }).code)]
    if (refused === undefined) return admission.answerError(error, request, reply)
    return sendProblem(reply, ...refused)
  }
}

const refusals: Record<string, [number, Parameters<typeof sendProblem>[2], string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    'RELAY_BODY_TOO_LARGE',
    `The body is larger than ${MAX_BODY_BYTES} bytes; do it in several parts.`
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'RELAY_MEDIA_TYPE', 'Send JSON: content-type: application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'RELAY_BAD_REQUEST', 'The body is not JSON.']
}

/** The one that stands for success. */
function statusOf({ response }: FastifySchema): number {
  return Number(Object.keys(response as object).find(status => status.startsWith('2')))
}
