import { type Static, Type } from '@sinclair/typebox'
import { answer, headers, otherMethods, problem, unparsed } from '../../openapi/answer.ts'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { Instant, Text } from './parts.ts'

const SignIn = closed('SignIn', 'Who wants to sign in.', {
  token: Type.String({
    minLength: 1,
    maxLength: 512,
    description: 'RELAY_ADMIN_TOKEN, or a key with the scope read, operate or admin.'
  })
})
export type SignIn = Static<typeof SignIn>

const SignedIn = closed('SignedIn', 'Who is signed in.', {
  name: Text('The key’s name.'),
  may: oneOf(['read', 'operate', 'admin'], 'Each may what the one before it may.'),
  csrf: Text('To be sent as X-CSRF-Token with whatever changes something.'),
  expires_at: Instant('When the session ends.')
})
export type SignedIn = Static<typeof SignedIn>

const refusals = {
  503: problem(503, ['RELAY_STORE_UNAVAILABLE'], { headers: { 'Retry-After': headers.retryAfter } }),
  ...otherMethods,
  ...unparsed
}

const nothing = (description: string) => ({ description, type: 'null' })

export const beginSession = {
  tags: ['Operators'],
  security: [],
  operationId: 'beginSession',
  summary: 'Sign in',
  description:
    'For the dashboard. The session is kept in a cookie: it identifies the operator under /api/v1 in place of a token, for twelve hours. It ends before with the key or the token by which it was begun.',
  body: { ...SignIn, examples: [{ token: 'seam_relay_of_whoever_is_on_call' }] },
  response: {
    204: nothing('Signed in; the cookie is set.'),
    400: problem(400, ['RELAY_BAD_REQUEST']),
    401: problem(401, ['RELAY_KEY_UNKNOWN']),
    403: problem(403, ['RELAY_KEY_FORBIDDEN']),
    413: problem(413, ['RELAY_BODY_TOO_LARGE']),
    415: problem(415, ['RELAY_MEDIA_TYPE']),
    429: problem(429, ['RELAY_TOO_MANY_ATTEMPTS'], { headers: { 'Retry-After': headers.retryAfter } }),
    ...refusals
  }
}

export const readSession = {
  tags: ['Operators'],
  security: [],
  operationId: 'readSession',
  summary: 'Ask who is signed in',
  description: 'For the dashboard.',
  response: {
    200: answer(SignedIn, 'Who is signed in.', {
      examples: {
        session: {
          value: {
            name: 'RELAY_ADMIN_TOKEN',
            may: 'admin',
            csrf: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
            expires_at: '2027-06-20T20:15:30.000Z'
          }
        }
      }
    }),
    204: nothing('Nobody is signed in.'),
    403: problem(403, ['RELAY_KEY_FORBIDDEN']),
    ...refusals
  }
}

export const endSession = {
  tags: ['Operators'],
  security: [],
  operationId: 'endSession',
  summary: 'Sign out',
  description: 'For the dashboard. Asks for X-CSRF-Token where somebody is signed in.',
  response: {
    204: nothing('Nobody is signed in any more.'),
    400: problem(400, ['RELAY_BAD_REQUEST']),
    403: problem(403, ['RELAY_KEY_FORBIDDEN']),
    413: problem(413, ['RELAY_BODY_TOO_LARGE']),
    415: problem(415, ['RELAY_MEDIA_TYPE']),
    ...refusals
  }
}
