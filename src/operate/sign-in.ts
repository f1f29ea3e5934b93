import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hashOfKey } from '../model/caller.ts'
import { strictBodies } from '../openapi/compilers.ts'
import { sendProblem } from '../problem.ts'
import type { Admission } from './admission.ts'
import { auditedBy } from './audit-entry.ts'
import { csrfOf, foreignIn, forgeryIn, handOver, newSession, SESSION_MS, sessionIn } from './browser.ts'
import { failedAttempts } from './failed-attempts.ts'
import type { OperateRoom } from './operate.ts'
import { beginSession, endSession, readSession, type SignedIn, type SignIn } from './schemas/sign-in.ts'
import { instant } from './shown.ts'

const SESSION = '/dashboard/session'
const MAX_BODY_BYTES = 4_096

/** Signing in to the dashboard and out of it: a session in a cookie that no script can read. */
export function signIn(scope: FastifyInstance, room: OperateRoom, admission: Admission): void {
  const { operators, sessions, publicUrl, now } = room
  const { answerError: errorHandler } = admission
  const attempts = failedAttempts(now)
  const quiet = async (_request: FastifyRequest, reply: FastifyReply) =>
    void reply.header('cache-control', 'no-store')

  scope.post<{ Body: SignIn }>(
    SESSION,
    {
      schema: beginSession,
      bodyLimit: MAX_BODY_BYTES,
      validatorCompiler: strictBodies,
      onRequest: quiet,
      errorHandler
    },
    begin
  )
  scope.get(SESSION, { schema: readSession, onRequest: quiet, errorHandler }, read)
  scope.delete(SESSION, { schema: endSession, onRequest: quiet, errorHandler }, end)

  async function begin(request: FastifyRequest<{ Body: SignIn }>, reply: FastifyReply) {
    // Nobody is to be signed in as somebody else by a page that has nothing to do with us.
    const foreign = foreignIn(request, publicUrl)
    if (foreign !== undefined) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', foreign)
    const waitMs = attempts.waitOf(request.ip)
    if (waitMs > 0) {
      return sendProblem(
        reply.header('retry-after', Math.ceil(waitMs / 1_000)),
        429,
        'RELAY_TOO_MANY_ATTEMPTS'
      )
    }
    attempts.begun(request.ip)
    const operator = await operators.known(`Bearer ${request.body.token}`)
    if (operator === undefined) return sendProblem(reply, 401, 'RELAY_KEY_UNKNOWN')
    attempts.succeeded(request.ip)
    if ('refused' in operator) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', operator.refused)

    // Always a new one: what the browser brings may have been put there by somebody else.
    const session = newSession()
    const former = sessionIn(request)
    const at = now()
    const audited = auditedBy(operator, { ...room, now: () => at })
    await sessions.begin(
      {
        hash: hashOfKey(session),
        actor: operator.id,
        proof: operators.proofOf(operator, session),
        created_at: at,
        expires_at: at + SESSION_MS
      },
      audited('sign_in', 'dashboard', {}),
      former && hashOfKey(former)
    )
    handOver(request, reply, session)
    return reply.code(204).send()
  }

  async function read(request: FastifyRequest, reply: FastifyReply) {
    const found = await operators.signedIn(request)
    // No error: browsers would write one into the console of everybody who comes to sign in.
    if (found === undefined) return reply.code(204).send()
    const { operator, session, expiresAt } = found
    const refused = forgeryIn(request, session, publicUrl)
    if (refused !== undefined) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', refused)
    const answer: SignedIn = {
      name: operator.name,
      may: operator.may,
      csrf: csrfOf(session),
      expires_at: instant(expiresAt)
    }
    return reply.send(answer)
  }

  async function end(request: FastifyRequest, reply: FastifyReply) {
    const session = sessionIn(request)
    if (session !== undefined) {
      const refused = forgeryIn(request, session, publicUrl)
      if (refused !== undefined) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', refused)
      await sessions.end(hashOfKey(session))
      handOver(request, reply, undefined)
    }
    return reply.code(204).send()
  }
}
