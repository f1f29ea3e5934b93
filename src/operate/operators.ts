import { type Caller, hashOfKey, type Scope } from '../model/caller.ts'

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
  /** By the Authorization header; undefined where nobody is known by it. */
  identify(authorization: string | undefined): Promise<Operator | Refusal | undefined>
}

export interface OperatorsOptions {
  /** RELAY_ADMIN_TOKEN */
  adminToken: string | undefined
  /** Who has an API key, by the Authorization header. */
  identifyCaller(authorization: string | undefined): Caller | undefined | Promise<Caller | undefined>
  /** Ids of the workspaces in the settings. */
  workspaces: string[]
}

const ADMIN: Operator = { id: 'env-admin', name: 'RELAY_ADMIN_TOKEN', may: 'admin' }

const ranks = ['read', 'operate', 'admin'] as const satisfies Scope[]

/** The token of the environment, and API keys that see everything there is: what is shown here knows no customers. */
export function operatorsOf({ adminToken, identifyCaller, workspaces }: OperatorsOptions): Operators {
  const adminHash = adminToken === undefined ? undefined : hashOfKey(adminToken)

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

  return {
    async identify(authorization) {
      const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
      if (token === undefined) return undefined
      // Hashes are compared, so the time tells nothing of the token.
      if (adminHash !== undefined && hashOfKey(token) === adminHash) return ADMIN
      const caller = await identifyCaller(authorization)
      return caller && operatorOf(caller)
    }
  }
}

/** Whether an operator may do what asks for a scope. */
export function mayAs(operator: Operator, scope: Operator['may']): boolean {
  return ranks.indexOf(operator.may) >= ranks.indexOf(scope)
}
