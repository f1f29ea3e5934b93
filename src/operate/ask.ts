import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify'
import type { Addressed, Admission, Answer } from './admission.ts'
import { membersOf, refuseUnknown } from './bad-request.ts'
import type { Operator } from './operators.ts'
import type { Shown } from './shown.ts'

/** A question of an operator, read and allowed. */
export interface Question<Params, Query> {
  params: Params
  query: Query
  operator: Operator
  shown: Shown
  request: FastifyRequest
}

export interface AskOptions {
  /** The least that is asked of the operator. */
  scope?: Operator['may']
}

/** One address under which operators ask. */
export type Ask = <Params, Query>(
  url: string,
  schema: FastifySchema,
  answer: (question: Question<Params, Query>) => Promise<Answer>,
  options?: AskOptions
) => void

/**
 * What all questions of operators have in common: who asks and what that one may, filters that say what is wrong with
 * them, people that are masked unless asked otherwise, and the note of who asked so.
 */
export function asking(scope: FastifyInstance, { admit, tell, answerError }: Admission): Ask {
  return (url, schema, answer, { scope: least = 'read' } = {}) => {
    const known = membersOf(schema.querystring)
    scope.get<Addressed>(url, {
      schema,
      onRequest: (request, reply) => admit(request, reply, least),
      preValidation: async request => refuseUnknown(request.query, known),
      handler: (request, reply) =>
        tell(request, reply, (operator, shown) => {
          const { params, query } = request
          return answer({ params, query, operator, shown, request } as never)
        }),
      errorHandler: answerError
    })
  }
}
