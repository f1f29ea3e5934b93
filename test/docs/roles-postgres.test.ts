import pg from 'pg'
import t from 'tap'
import { openStore } from '../../src/store/store.ts'
import { openPostgres } from '../postgres/server.ts'
import { samples } from './documents.ts'

t.test('the two roles of the documents: one migrates, and the other can do all but that', async t => {
  // A server of its own: roles belong to all of its databases.
  const server = await openPostgres()
  t.teardown(server.close)
  await run(server.url, "create role admin login createrole createdb password 'of the tests'")
  const begin = "<<'SQL'\n"
  const text =
    samples
      .find(each => each.text.includes(begin))
      ?.text.split(begin)[1]
      ?.split('SQL\n')[0] ?? ''
  const [ofServer = '', ofDatabase = ''] = text.split('\\connect relay\n')
  const admin = addressOf(server.url, 'admin', 'of the tests')
  for (const statement of ofServer.split(';')) await run(admin, statement)
  await run(withDatabase(admin, 'relay'), ofDatabase)

  const [owner = '', relay = ''] = Array.from(
    text.matchAll(/create role (\w+) login password '([^']+)'/g),
    ([, role = '', password = '']) => withDatabase(addressOf(server.url, role, password), 'relay')
  )
  await t.rejects(openStore(relay), { message: /42501/ }, 'who works may make no tables')
  await (await openStore(owner)).close()
  const store = await openStore(relay, { migrate: 'never' })
  await store.close()
  const rights = ['select', 'insert', 'update', 'delete'].map(
    right => `has_table_privilege('relay', oid, '${right}')`
  )
  const { rows } = await run(
    owner,
    `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and not (${rights.join(' and ')})`
  )
  t.strictSame(rows, [])
  await t.rejects(run(relay, 'create table more (id int)'), { code: '42501' })
})

async function run(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}

function addressOf(server: string, user: string, password: string): string {
  return Object.assign(new URL(server), { username: user, password }).href
}

function withDatabase(server: string, name: string): string {
  return Object.assign(new URL(server), { pathname: `/${name}` }).href
}
