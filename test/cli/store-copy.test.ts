import t, { type Test } from 'tap'
import { storeCopy } from '../../src/cli/store-copy.ts'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { aDelivery } from '../store/given.ts'
import { run } from './terminal.ts'

/** A file with deliveries in it, in a folder of its own. */
async function fileWith(t: Test, ids: string[], files: Record<string, string> = {}): Promise<string> {
  const url = `file:${t.testdir(files)}/relay.db`
  await withStore(url, store => Promise.all(ids.map(id => deliveriesOf(store).append(aDelivery(id)))))
  return url
}

async function withStore<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(url)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const idsIn = (url: string) =>
  withStore(url, async ({ db }) =>
    (await db.selectFrom('deliveries').select('id').orderBy('id').execute()).map(row => row.id)
  )

/** What hides: everything up to the host. */
const shown = (url: string) => url.replace(/\/\/.*@/, '//')

t.test('a file moves into PostgreSQL and back, told table by table and without any password', async t => {
  const file = await fileWith(t, ['d1', 'd2'])
  const database = await emptyDatabase(t)
  const there = await run(['store', 'copy', file, database])
  t.match(there, { code: 0, err: '' })
  const out = there.out.replaceAll(/[\d,]+\/s$/gm, '9/s').replace(/\d+ tables/, '9 tables')
  t.strictSame(out.split('\n'), [
    `Copies ${file} into ${shown(database)}.`,
    '  deliveries: 2 rows copied, 9/s',
    '  deliveries: 2 rows compared, 9/s',
    'All of it is there: 2 rows in 9 tables, the same in both by count and by SHA-256.',
    'Now set DATABASE_URL to the new store, and start. Keep the old one until that works; it is as it was.',
    ''
  ])
  t.strictSame(await idsIn(database), ['d1', 'd2'])

  const back = file.replace('relay.db', 'folder/back.db')
  t.equal((await run(['store', 'copy', database, back])).code, 0)
  t.strictSame(await idsIn(back), ['d1', 'd2'])
})

t.test('machines get counts and hashes, and people what they are to know beside it', async t => {
  const file = await fileWith(t, ['d1'])
  const { code, out, err } = await run(['store', 'copy', file, `${file}.copy`, '--json'])
  t.equal(code, 0)
  const { tables } = JSON.parse(out)
  t.match(
    tables.find(({ table }: { table: string }) => table === 'deliveries'),
    { rows: 1, sha256: /^[0-9a-f]{64}$/, altered: {} }
  )
  t.match(err, /All of it is there: 1 row in \d+ tables/)
})

t.test('addresses are taken from variables, or files that variables name', async t => {
  const database = await emptyDatabase(t)
  const file = await fileWith(t, ['d1'], { secret: `${database}\n` })
  const secret = file.replace(/^file:/, '').replace('relay.db', 'secret')
  const env = { OLD_STORE: file, NEW_STORE_FILE: secret }
  t.equal((await run(['store', 'copy', 'env:OLD_STORE', 'env:NEW_STORE'], env)).code, 0)
  t.strictSame(await idsIn(database), ['d1'])
})

t.test('addresses that cannot be meant are wrong usage, and are not shown', async t => {
  const file = await fileWith(t, [])
  const refused: [string, string, RegExp][] = [
    ['mysql://root:hunter2@db/x', file, /<from> must be file: and a path/],
    [file, 'relay.db', /<to> must be file: and a path/],
    [file, 'file::memory:', /<to> must be file: and a path/],
    [file, 'env:NOT_THERE', /<to>: NOT_THERE is not set/],
    [file, 'env:TWICE', /<to>: TWICE is given twice/],
    [file, file, /are the same store/],
    [`${file}.none`, `${file}.new`, /there is no file:.*none/]
  ]
  for (const [from, to, message] of refused) {
    const { code, err } = await run(['store', 'copy', from, to], { TWICE: 'x', TWICE_FILE: 'y' })
    t.equal(code, 2, err)
    t.match(err, message)
    t.notMatch(err, 'hunter2')
  }
  t.equal((await run(['store', 'copy', file, `${file}.new`], { PORT: 'none' })).code, 78)
})

t.test('which of the two cannot be had is said, without what opens it', async t => {
  const file = await fileWith(t, [])
  const unreachable = 'postgres://relay:hunter2@127.0.0.1:1/relay?sslmode=disable'
  const gone = await run(['store', 'copy', file, unreachable])
  t.equal(gone.code, 1)
  t.match(gone.err, /^seam-relay: postgres:\/\/127\.0\.0\.1:1\/relay: the store: .*ECONNREFUSED.*\n$/)
  const unreadable = await run(['store', 'copy', file, 'postgres://relay:hunter2/#@127.0.0.1/relay'])
  t.equal(unreadable.code, 78)
  t.match(unreadable.err, /in user and password percent-encoded/)
  const nowhere = await run(['store', 'copy', file, `${file}/folder/relay.db`])
  t.equal(nowhere.code, 1)
  t.match(nowhere.err, /^seam-relay: file:.*folder\/relay\.db: ENOTDIR.*\n$/)
  for (const { out, err } of [gone, unreadable]) t.notMatch(out + err, 'hunter2')
  t.strictSame(await idsIn(file), [], 'the old one is let go of')
})

t.test('a new store that holds something is left as it is', async t => {
  const file = await fileWith(t, ['d1'])
  const other = `${file}.other`
  await withStore(other, store => deliveriesOf(store).append(aDelivery('mine')))
  const { code, err } = await run(['store', 'copy', file, other])
  t.equal(code, 2)
  t.match(err, /the new store holds something already \(deliveries\)/)
  t.strictSame(await idsIn(other), ['mine'])
})

t.test('text that PostgreSQL cannot hold is told, with how to find it', async t => {
  const file = await fileWith(t, ['d1', 'd2'])
  await withStore(file, store =>
    store.commit([{ sql: `update deliveries set last_error = ?`, rows: [['a\0b']], returning: false }])
  )
  const { code, out } = await run(['store', 'copy', file, await emptyDatabase(t)])
  t.equal(code, 0)
  t.match(out, 'Not quite the same: 2 rows of deliveries with NUL characters in last_error.')
  const [, query = ''] = /In the old store: (.*)\n/.exec(out) ?? []
  await withStore(file, async store => {
    await store.commit([{ sql: query.replace('select *', 'delete'), rows: [[]], returning: false }])
    t.equal((await store.db.selectFrom('deliveries').select('id').execute()).length, 0)
  })
})

t.test('a table that takes long is told of every five seconds, with how long all of it may take', async t => {
  const file = await fileWith(
    t,
    Array.from({ length: 2_001 }, (_none, serial) => `d${serial}`)
  )
  const lines: string[] = []
  let at = 0
  const now = () => {
    at += 2_500
    return at
  }
  const say = (line: string) => void lines.push(line)
  await storeCopy({ from: file, to: `${file}.copy`, env: {}, say, note: say, now })
  t.match(
    lines.filter(line => / copied, /.test(line)),
    [
      /^ {2}deliveries: 2,000 of 2,001 rows copied, 400\/s; about \d+ s left in all$/,
      /^ {2}deliveries: 2,001 rows copied, \d+\/s$/
    ]
  )
})
