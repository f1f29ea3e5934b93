import { loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import { hashOfKey, newApiKey, type Scope } from '../model/caller.ts'
import { idSource } from '../model/ids.ts'
import type { Platform } from '../platforms/platform.ts'
import { type ApiKey, type ApiKeys, apiKeysOf } from '../store/callers.ts'
import { openStore, storeExists } from '../store/store.ts'
import { usage } from './usage.ts'

export interface KeysCommand {
  env: NodeJS.ProcessEnv
  say(line: string): void
}

export interface CreateKey extends KeysCommand {
  name: string
  customer?: string[]
  scope: Scope[]
  /** ms since 1970 */
  expires?: number
  workspace?: string
  lenient?: boolean
  /** For the connections file, which is read where a workspace is named. */
  platforms: Record<string, Platform>
  /** For people, while {@link KeysCommand.say} has nothing but the key. */
  note(line: string): void
}

const SOON = 'a running relay knows it within seconds'

/**
 * Makes a key. It is told this once; the store has only what proves it.
 * @throws RelayError RELAY_BAD_REQUEST for what cannot be meant; RELAY_CONFIG_INVALID
 */
export async function createKey(command: CreateKey): Promise<number> {
  const { name, customer, scope, expires, workspace, lenient, env, say, note } = command
  if (name.trim() === '') throw usage('keys create: --name must say whose the key is')
  if (customer?.some(each => each === '' || each !== each.trim())) {
    throw usage('keys create: --customer must be a customer_key, with no white space around it')
  }
  if (customer !== undefined && scope.some(each => each === 'operate' || each === 'admin')) {
    throw usage(
      'keys create: the scopes operate and admin cannot be limited to customers, as the operator API shows all of them; leave out --customer, or make two keys'
    )
  }
  if (workspace !== undefined) checkWorkspace(workspace, command)
  const key = newApiKey()
  const now = Date.now()
  if (expires !== undefined && expires <= now)
    throw usage('keys create: --expires must be in the future, such as 90d')
  const made: ApiKey = {
    id: `key_${idSource(() => now)()}`,
    name,
    hash: hashOfKey(key),
    workspaceId: workspace,
    customers: customer,
    scopes: scope,
    strict: lenient !== true,
    createdAt: now,
    expiresAt: expires,
    revokedAt: undefined,
    lastUsedAt: undefined
  }
  const { databaseUrl } = loadConfig(env)
  const isNew = !storeExists(databaseUrl)
  await withKeys(env, async keys => {
    const isTaken = (await keys.list()).some(each => each.name === name && each.revokedAt === undefined)
    if (isTaken)
      throw usage(`keys create: there is a key called ${name}; revoke it first, or choose another name`)
    await keys.create(made)
  })
  say(key)
  if (isNew)
    note(
      `There was no store at ${databaseUrl}; one is made. A relay with another DATABASE_URL does not know the key.`
    )
  note(`This is ${made.id} (${name}), and it is not shown again; ${SOON}.`)
  return 0
}

/** With a key for a workspace that is not there, every call would be refused. */
function checkWorkspace(id: string, { env, platforms }: CreateKey): void {
  const { workspaces } = loadConnections({ config: loadConfig(env), env, platforms })
  const known = workspaces.map(each => each.id)
  if (known.includes(id)) return
  throw usage(`keys create: --workspace must be one of those in the settings: ${known.join(', ')}`)
}

/** Every key there ever was, without what opens anything. */
export async function listKeys({ env, say, json }: KeysCommand & { json?: boolean }): Promise<number> {
  const { databaseUrl } = loadConfig(env)
  // Looking makes no store.
  const keys = storeExists(databaseUrl) ? await withKeys(env, each => each.list()) : []
  if (json) say(JSON.stringify(keys.map(shown), undefined, 2))
  else if (keys.length === 0) say('There are no keys; "seam-relay keys create --name <name>" makes one.')
  else for (const key of keys) say(lineOf(key, Date.now()))
  return 0
}

/** @returns the exit code: 1 where there is no such key, or it was revoked before */
export async function revokeKey({ env, say, which }: KeysCommand & { which: string }): Promise<number> {
  const count = await withKeys(env, keys => keys.revoke(which, Date.now()))
  say(
    count > 0
      ? `Revoked; ${SOON}.`
      : `There is no key ${which} that could be revoked; "seam-relay keys list" shows them.`
  )
  return count > 0 ? 0 : 1
}

/** Beside a relay that runs: it holds the store against other relays only. */
async function withKeys<T>(env: NodeJS.ProcessEnv, work: (keys: ApiKeys) => Promise<T>): Promise<T> {
  const config = loadConfig(env)
  const store = await openStore(config.databaseUrl, config)
  try {
    return await work(apiKeysOf(store))
  } finally {
    await store.close()
  }
}

function shown(key: ApiKey) {
  const { id, name, workspaceId, customers, scopes, strict, createdAt, expiresAt, revokedAt, lastUsedAt } =
    key
  return {
    id,
    name,
    workspace: workspaceId ?? null,
    customers: customers ?? null,
    scopes,
    strict,
    created_at: timeOf(createdAt),
    expires_at: timeOf(expiresAt),
    revoked_at: timeOf(revokedAt),
    last_used_at: timeOf(lastUsedAt)
  }
}

function lineOf(key: ApiKey, now: number): string {
  const facts = [
    key.scopes.join(', '),
    key.customers === undefined ? 'all customers' : `customers ${key.customers.join(', ')}`,
    ...(key.workspaceId === undefined ? [] : [`workspace ${key.workspaceId}`]),
    ...(key.strict ? [] : ['lenient']),
    endOf(key, now),
    key.lastUsedAt === undefined ? 'never used' : `last used ${timeOf(key.lastUsedAt)}`
  ]
  return `${key.id}  ${key.name}: ${facts.join('; ')}`
}

function endOf({ expiresAt, revokedAt }: ApiKey, now: number): string {
  if (revokedAt !== undefined) return `revoked ${timeOf(revokedAt)}`
  if (expiresAt === undefined) return 'does not expire'
  return `${expiresAt <= now ? 'expired' : 'expires'} ${timeOf(expiresAt)}`
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
