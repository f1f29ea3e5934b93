import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openPostgres, type PostgresServer } from '../../test/postgres/server.ts'

/** A PostgreSQL server whose commits are on disk when it answers; BENCH_DATABASE_URL names another one. */
export async function openDatabases(): Promise<Pick<PostgresServer, 'url' | 'close'>> {
  const url = process.env.BENCH_DATABASE_URL
  return url === undefined ? openPostgres({ durable: true }) : { url, close: async () => undefined }
}

/** @returns the address of a database that holds nothing */
export async function emptyDatabase(server: string): Promise<string> {
  const name = `seam_relay_bench_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(server)
  url.pathname = name
  return url.href
}
