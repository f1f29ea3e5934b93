import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { Test } from 'tap'
import { openPostgres } from './server.ts'

/** How text is compared where a query does not say: by bytes, by bytes of Unicode, or as a language has it. */
export type Locale = keyof typeof locales

const locales = {
  C: `LOCALE_PROVIDER libc LOCALE 'C'`,
  'C.UTF-8': `LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'`,
  'en-US': `LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'`
}

let ownServer: Promise<string> | undefined

/**
 * The server of the run, which TEST_DATABASE_URL tells; without it, one of this process's own, started when first asked for.
 * @returns an address with the right to create databases
 */
export function testServer(): Promise<string> {
  const told = process.env.TEST_DATABASE_URL
  if (told) return Promise.resolve(told)
  ownServer ??= openPostgres().then(({ url }) => url)
  return ownServer
}

/**
 * A database that holds nothing and that nobody else uses. It is dropped with the test, whoever is still connected. Takes about 50 ms.
 * @param options.locale TEST_DATABASE_LOCALE where none is given, else C; never the machine's or the server's
 * @param options.encoding UTF8 unless given; another one is compared by bytes
 * @param options.server an address instead of the server of the run
 * @returns its address
 */
export async function emptyDatabase(
  t: Pick<Test, 'teardown'>,
  options: { locale?: Locale; server?: string; encoding?: 'LATIN1' | 'SQL_ASCII' } = {}
): Promise<string> {
  const server = options.server ?? (await testServer())
  const name = `seam_relay_test_${randomBytes(8).toString('hex')}`
  const { encoding = 'UTF8' } = options
  const locale = locales[encoding === 'UTF8' ? (options.locale ?? localeOfRun()) : 'C']
  // Nobody can connect to template0: it carries nothing, and is never in use when somebody copies it.
  await administer(server, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' ${locale}`)
  t.teardown(() => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

function localeOfRun(): Locale {
  const told = process.env.TEST_DATABASE_LOCALE || 'C'
  const known = Object.keys(locales)
  if (!known.includes(told)) throw new Error(`TEST_DATABASE_LOCALE is one of ${known.join(', ')}`)
  return told as Locale
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server })
  try {
    await client.connect()
  } catch (cause) {
    const { hostname, port } = new URL(server)
    throw new Error(
      `The PostgreSQL of the tests at ${hostname}:${port} (TEST_DATABASE_URL) takes no connection`,
      {
        cause
      }
    )
  }
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
