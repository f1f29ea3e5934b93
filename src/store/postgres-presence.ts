import type pg from 'pg'
import { RelayError } from '../errors.ts'

/**
 * Names among the database's advisory locks who works on the store: relays share it, and whoever needs the store for himself
 * has it alone.
 */
const LOCK = 7_350_031_927

/** Shows that somebody is at work, for as long as the connection lasts. @returns false where the store is somebody's alone */
export async function showPresence(client: pg.ClientBase): Promise<boolean> {
  await mayRest(client)
  return taken(client, 'pg_try_advisory_lock_shared')
}

/** Lets go at once, and so is right behind a pooler too. @throws RelayError RELAY_STORE_UNAVAILABLE */
export async function refuseWhereAlone(client: pg.ClientBase): Promise<void> {
  if (await taken(client, 'pg_try_advisory_xact_lock_shared')) return
  throw inUse('"seam-relay store copy" has it for itself; start again once that has ended')
}

/**
 * Has the store alone for as long as the connection lasts.
 * @throws RelayError RELAY_STORE_UNAVAILABLE where relays work on it, but for those behind a pooler: they hold no connection
 */
export async function holdAlone(client: pg.ClientBase): Promise<void> {
  await mayRest(client)
  if (await taken(client, 'pg_try_advisory_lock')) return
  throw inUse('relays or commands work on it; stop them all, and try again')
}

/** The session does nothing for as long as it lasts, and the server must not end it for that. PostgreSQL knows the setting since 14. */
async function mayRest(client: pg.ClientBase): Promise<void> {
  const name = 'idle_session_timeout'
  await client.query('select set_config(name, $2, false) from pg_settings where name = $1', [name, '0'])
}

async function taken(client: pg.ClientBase, tryLock: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(`select ${tryLock}(${LOCK}) as taken`)
  return rows[0]?.taken === true
}

function inUse(what: string): RelayError {
  return new RelayError('RELAY_STORE_UNAVAILABLE', `the store is in use: ${what}`)
}
