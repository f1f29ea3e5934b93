import { existsSync } from 'node:fs'
import { setTimeout as rest } from 'node:timers/promises'
import type pg from 'pg'
import { RelayError } from '../errors.ts'
import { refuseOlder } from './migrating.ts'
import { migratePostgres, missingIn } from './postgres-migrate.ts'
import { asUnavailable, openClient, type PoolSettings } from './postgres-pool.ts'
import { refuseWhereAlone } from './postgres-presence.ts'
import type { StoreOptions } from './store.ts'
import { unavailable } from './unavailable.ts'

const CONNECT_AGAIN_MS = 500

/** @throws RelayError RELAY_CONFIG_INVALID where an address cannot be used; without the address, which holds a password */
export function refuseUnreadable(url: string): void {
  // Without a host it is that of a socket, which the parameters name.
  const address = URL.parse(url.replace('@/', '@localhost/'))
  if (address === null || address.hostname.includes(',')) {
    throw new RelayError(
      'RELAY_CONFIG_INVALID',
      'the address of the PostgreSQL database cannot be read; give one host, and write characters such as / # ? @ : in user and password percent-encoded'
    )
  }
  for (const name of certificates) {
    const file = address.searchParams.get(name)
    if (file === null || existsSync(file)) continue
    throw new RelayError(
      'RELAY_CONFIG_INVALID',
      `${name} of the address of the PostgreSQL database names ${file}, which is not there`
    )
  }
}

/** Parameters of an address that name files. */
const certificates = ['sslrootcert', 'sslcert', 'sslkey']

/**
 * Waits for a database that is not there yet, and brings its schema up to date, or looks whether it is.
 * @throws RelayError RELAY_STORE_UNAVAILABLE where nobody answers within `patienceMs`; RELAY_CONFIG_INVALID where the database or
 *   its schema does not fit
 */
export async function prepareSchema(
  settings: PoolSettings,
  { migrate, patienceMs = 0, alone, onMigrated, log }: StoreOptions
): Promise<void> {
  const patience = performance.now() + patienceMs
  let said = false
  for (;;) {
    const client = openClient(settings)
    // What breaks the connection is told by the statement under way too.
    client.on('error', () => undefined)
    try {
      await client.connect()
      await refuseForgetful(client)
      await refuseEncoding(client)
      if (!alone) await refuseWhereAlone(client)
      if (migrate === 'start') await migratePostgres(client, { pooled: settings.pooled, alone, onMigrated })
      else refuseOlder(await missingIn(client, alone))
      return
    } catch (error) {
      if (error instanceof RelayError) throw error
      if (!isNotThereYet(error)) throw asUnavailable(error)
      if (performance.now() >= patience) {
        const { message } = error as Error
        throw unavailable(`waited ${Math.round(patienceMs / 1000)} s for PostgreSQL: ${message}`)
      }
      if (!said) log?.warn({ event: 'store.awaited', err: asUnavailable(error), patienceMs })
      said = true
      await rest(CONNECT_AGAIN_MS)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

/** Through a pooler, or by the address, a session may call committed what is not on disk yet. @throws RelayError */
async function refuseForgetful(client: pg.Client): Promise<void> {
  const { rows } = await client.query('show synchronous_commit')
  if (rows[0]?.synchronous_commit !== 'off') return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    'the PostgreSQL database has synchronous_commit off: what was acknowledged could be lost; set it on for the relay’s role (alter role … set synchronous_commit = on), or take it out of the address'
  )
}

/** SQL_ASCII takes every byte as it is. @throws RelayError where a name may not fit, which then would wait for ever */
async function refuseEncoding(client: pg.Client): Promise<void> {
  const { rows } = await client.query('show server_encoding')
  const encoding = `${rows[0]?.server_encoding}`
  if (/^(UTF-?8|SQL_ASCII)$/i.test(encoding)) return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    `the PostgreSQL database has encoding ${encoding}, which cannot represent most names; create it with encoding 'UTF8' (create database … template template0 encoding 'UTF8')`
  )
}

/**
 * A server that is not up yet, is starting, stops in the middle of it, or has no connection left (57P0x, 53300). A wrong
 * password or name will not mend itself.
 */
function isNotThereYet(error: unknown): boolean {
  const { code = '', message } = error as { code?: string; message: string }
  if (/^(timeout expired|Connection terminated|Query read timeout)/.test(message)) return true
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|57P0\d|53300)$/.test(code)
}
