import { type TSchema, Type } from '@sinclair/typebox'
import { type ErrorCode, errorCodes } from '../errors.ts'
import { PROBLEM_TYPE, Problem, problemOf } from '../problem.ts'

/**
 * What a route says of its answers: to Fastify, which serialises by it, and to the OpenAPI document. Every status that an
 * operation can answer is described, so that a program may rely on the list.
 */

export interface Header {
  type: 'string' | 'integer'
  description: string
}

export interface Example {
  summary?: string
  value: unknown
}

export interface Details {
  headers?: Record<string, Header>
  /** By a name of letters and underscores. */
  examples: Record<string, Example>
}

/** Of a delivery, in examples; in the shape that `model/ids.ts` gives. */
export const EXAMPLE_ID = '0197e1a2b3c4000000a1b2c3d4'

export const headers = {
  allow: { type: 'string', description: 'The methods that this address takes.' },
  retryAfter: { type: 'integer', description: 'After how many seconds to repeat.' },
  wwwAuthenticate: { type: 'string', description: 'How to say who asks.' },
  seamRequestId: { type: 'string', description: 'The relay’s id of the request; the log has it too.' },
  relayDelivery: { type: 'string', description: 'Id of the delivery, for GET /deliveries/{id}.' },
  preferenceApplied: { type: 'string', description: 'How long the relay was ready to wait: wait=10.' }
} as const satisfies Record<string, Header>

export function answer<S extends TSchema>(schema: S, description: string, { headers, examples }: Details) {
  return {
    description,
    ...(headers !== undefined && { headers }),
    content: { 'application/json': { schema, examples } }
  }
}

/** A problem document; the codes that it may carry, each as an example. */
export function problem(
  status: number,
  codes: ErrorCode[],
  more: { description?: string; headers?: Record<string, Header> } = {}
) {
  const examples = Object.fromEntries(codes.map(code => [code, { value: exampleOf(status, code) }]))
  return {
    description: more.description ?? codes.map(code => errorCodes[code]).join(' '),
    ...(more.headers !== undefined && { headers: more.headers }),
    content: { [PROBLEM_TYPE]: { schema: Problem, examples } }
  }
}

/** Of every address: it takes some methods, and refuses the others. */
export const otherMethods = {
  405: problem(405, ['RELAY_METHOD_NOT_ALLOWED'], { headers: { Allow: headers.allow } })
}

/** Of what never becomes a request: answered before anybody knows for which operation it was. */
export const unparsed = {
  408: problem(408, ['RELAY_BAD_REQUEST'], { description: 'The request did not come in within a minute.' }),
  431: problem(431, ['RELAY_BAD_REQUEST'], { description: 'Address and headers together are too long.' })
}

/** Of an address with parameters. */
export const tooLong = {
  414: problem(414, ['RELAY_BAD_REQUEST'], { description: 'A part of the address is too long.' })
}

export function text(mediaType: string, description: string, example: string) {
  return { description, content: { [mediaType]: { schema: Type.String(), example } } }
}

function exampleOf(status: number, code: ErrorCode): unknown {
  return problemOf(status, code, 'b7c1f3f0-6d1e-4a53-9a3c-2f8e2d9a7c11')
}
