import { bearerIn, type Caller, hashOfKey } from '../model/caller.ts'
import type { ApiKeys } from '../store/callers.ts'

/** So long a key that was revoked may go on working, at most; a new one works at once. */
const FRESH_MS = 4_000
/** More often nobody needs to know when a key was last used. */
const USE_NOTED_EVERY_MS = 60_000

/** Begins the id of a key that is in no store. */
const ENVIRONMENT = 'env-'
/** Callers are few. */
const MOST_HASHES = 1_000

export interface Callers {
  /** Who asks, by the Authorization header; undefined where nobody is known by it. A promise only where the store is asked. */
  identify(authorization: string | undefined): Caller | undefined | Promise<Caller | undefined>
  /** By the id of a key; undefined where it is none, or not in force. */
  of(id: string): Promise<Caller | undefined>
  /** Whether there is any key, as far as that was looked up. */
  exist(): boolean
}

export interface CallersOptions {
  apiKeys: ApiKeys
  /** RELAY_API_KEYS */
  environmentKeys: string[]
  now(): number
}

/** The keys of the environment, and those of the store as they were a moment ago: requests do not wait for the store. */
export function callersOf({ apiKeys, environmentKeys, now }: CallersOptions): Callers {
  const ofEnvironment = new Map(
    environmentKeys.map((key, position) => [hashOfKey(key), callerOfEnv(key, position)])
  )
  const noted = new Map<string, number>()
  /** Of headers that made somebody known. */
  const hashes = new Map<string, string>()
  let ofStore = new Map<string, Caller>()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  function hashIn(authorization: string | undefined): string | undefined {
    const known = hashes.get(String(authorization))
    if (known !== undefined) return known
    const key = bearerIn(authorization)
    return key === undefined ? undefined : hashOfKey(key)
  }

  async function read(): Promise<void> {
    const beganAt = now()
    const keys = await apiKeys.list()
    ofStore = new Map(keys.filter(each => each.revokedAt === undefined).map(each => [each.hash, each]))
    readAt = beganAt
  }

  function readTogether(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function readAndFind(hash: string): Promise<Caller | undefined> {
    // One that was under way already may have missed a key that is new.
    if (reading !== undefined) await reading
    const found = isFresh() ? ofStore.get(hash) : undefined
    if (found === undefined) await readTogether()
    return alive(found ?? ofStore.get(hash))
  }

  function isFresh(): boolean {
    return Math.abs(now() - readAt) < FRESH_MS
  }

  function alive(caller: Caller | undefined): Caller | undefined {
    if (caller === undefined) return undefined
    const at = now()
    if (caller.expiresAt !== undefined && caller.expiresAt <= at) return undefined
    if (!caller.id.startsWith(ENVIRONMENT) && at - (noted.get(caller.id) ?? 0) >= USE_NOTED_EVERY_MS) {
      noted.set(caller.id, at)
      // Nobody waits for it, and a note that is missing does no harm.
      apiKeys.used(caller.id, at).catch(() => noted.delete(caller.id))
    }
    return caller
  }

  return {
    identify(authorization) {
      const hash = hashIn(authorization)
      if (hash === undefined) return undefined
      const found = ofEnvironment.get(hash) ?? (isFresh() ? ofStore.get(hash) : undefined)
      if (found === undefined) return readAndFind(hash)
      if (hashes.size < MOST_HASHES) hashes.set(String(authorization), hash)
      return alive(found)
    },
    async of(id) {
      const find = () => [...ofEnvironment.values(), ...ofStore.values()].find(each => each.id === id)
      if (!isFresh()) await readTogether()
      return alive(find())
    },
    exist: () => ofEnvironment.size + ofStore.size > 0
  }
}

/** All customers, and everything that a service has to do with its own, but taking whole ones off. */
function callerOfEnv(key: string, position: number): Caller {
  return {
    id: `${ENVIRONMENT}${hashOfKey(key).slice(0, 8)}`,
    name: `RELAY_API_KEYS[${position}]`,
    workspaceId: undefined,
    customers: undefined,
    scopes: ['push', 'delete', 'read'],
    strict: true,
    expiresAt: undefined
  }
}
