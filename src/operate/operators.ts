import type { FastifyRequest } from 'fastify'
import { bearerIn, type Caller, hashOfKey, type Scope } from '../model/caller.ts'
import type { Session, Sessions } from '../store/sessions.ts'
import { forgeryIn, sessionIn } from './browser.ts'

/** Whoever looks after the relay. */
export interface Operator {
  id: string
  name: string
  /** Each may what the one before it may. */
  may: 'read' | 'operate' | 'admin'
}

/** Somebody is known, and may not be here. */
export interface Refusal {
  refused: string
}

export interface Operators {
  /**
   * By the token of a request, and where it has none by the session of the dashboard; undefined where nobody is known by
   * them. What carries a session and is not the dashboard's own is refused.
   */
  identify(request: FastifyRequest): Promise<Operator | Refusal | undefined>
  /** By an Authorization header alone. */
  known(authorization: string): Promise<Operator | Refusal | undefined>
  /** By the session of the dashboard alone; who has one is not yet who sent the request. */
  signedIn(request: FastifyRequest): Promise<SignedIn | undefined>
  /** What a session of this operator keeps, so that it ends with the token; null where it ends with a key. */
  proofOf(operator: Operator, session: string): string | null
}

export interface SignedIn {
  operator: Operator
  /** What the browser holds. */
  session: string
  /** ms since 1970. */
  expiresAt: number
}

export interface OperatorsOptions {
  /** RELAY_ADMIN_TOKEN */
  adminToken: string | undefined
  /** Somebody who assembled the relay to ask it: the command line, over the store. */
  own?: { token: string; operator: Operator } | undefined
  /** Who has an API key, by the Authorization header. */
  identifyCaller(authorization: string | undefined): Caller | undefined | Promise<Caller | undefined>
  /** By the id of an API key that is in force. */
  callerOf(id: string): Caller | undefined | Promise<Caller | undefined>
  sessions: Sessions
  /** RELAY_PUBLIC_URL */
  publicUrl: string | undefined
  now(): number
  /** Ids of the workspaces in the settings. */
  workspaces: string[]
}

const ADMIN: Operator = { id: 'env-admin', name: 'RELAY_ADMIN_TOKEN', may: 'admin' }

const ranks = ['read', 'operate', 'admin'] as const satisfies Scope[]

/** The token of the environment, and API keys that see everything there is: what is shown here knows no customers. */
export function operatorsOf(options: OperatorsOptions): Operators {
  const { adminToken, own, identifyCaller, callerOf, workspaces, sessions, publicUrl, now } = options
  const adminHash = adminToken === undefined ? undefined : hashOfKey(adminToken)
  const ownHash = own && hashOfKey(own.token)

  function operatorOf(caller: Caller): Operator | Refusal {
    const { id, name, customers, workspaceId, scopes } = caller
    const may = ranks.findLast(rank => scopes.includes(rank))
    if (may === undefined) return { refused: 'This API key has none of the scopes read, operate and admin.' }
    if (customers !== undefined) {
      return { refused: 'This API key is limited to customers, and the operator API shows all of them.' }
    }
    // A key that only reads is one of a service, and for one workspace even where it does not say which.
    const isLimited = workspaceId !== undefined || may === 'read'
    if (isLimited && workspaces.length > 1) {
      return {
        refused:
          'This API key is for one workspace, and the operator API shows all of them: make one that has the scope operate and no workspace.'
      }
    }
    return { id, name, may }
  }

  async function known(authorization: string): Promise<Operator | Refusal | undefined> {
    const token = bearerIn(authorization)
    if (token === undefined) return undefined
    // Hashes are compared, so the time tells nothing of the token.
    if (adminHash !== undefined && hashOfKey(token) === adminHash) return ADMIN
    if (own !== undefined && hashOfKey(token) === ownHash) return own.operator
    const caller = await identifyCaller(authorization)
    return caller && operatorOf(caller)
  }

  function proofOf({ id }: Operator, session: string): string | null {
    return id === ADMIN.id ? hashOfKey(`${adminHash} ${session}`) : null
  }

  async function signedIn(request: FastifyRequest): Promise<SignedIn | undefined> {
    const session = sessionIn(request)
    const kept = session && (await sessions.find(hashOfKey(session), now()))
    if (!kept) return undefined
    const operator = await whoseIs(kept, session)
    return operator && { operator, session, expiresAt: kept.expires_at }
  }

  /** As the settings and the keys are now. */
  async function whoseIs({ actor, proof }: Session, session: string): Promise<Operator | undefined> {
    if (actor === ADMIN.id) return proof === proofOf(ADMIN, session) ? ADMIN : undefined
    const caller = await callerOf(actor)
    const operator = caller && operatorOf(caller)
    return operator === undefined || 'refused' in operator ? undefined : operator
  }

  return {
    known,
    signedIn,
    proofOf,
    async identify(request) {
      const { authorization } = request.headers
      if (authorization !== undefined) return known(authorization)
      const found = await signedIn(request)
      if (found === undefined) return undefined
      const refused = forgeryIn(request, found.session, publicUrl)
      return refused === undefined ? found.operator : { refused }
    }
  }
}

/** Whether an operator may do what asks for a scope. */
export function mayAs(operator: Operator, scope: Operator['may']): boolean {
  return ranks.indexOf(operator.may) >= ranks.indexOf(scope)
}
