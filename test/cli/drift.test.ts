import { existsSync } from 'node:fs'
import { sql } from 'kysely'
import t from 'tap'
import { migrations } from '../../src/store/migrations.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { demoFolder } from './demo-relay.ts'
import { run } from './terminal.ts'

const AT = Date.UTC(2027, 0, 10, 12)

t.test('check tells what platforms said that nobody knows, and makes no store for it', async t => {
  const { folder, env } = demoFolder(t, { connections: 'connections: []' })
  const before = await run(['check'], env)
  t.equal(before.code, 0)
  t.notOk(existsSync(`${folder}/relay.db`))

  const store = await openStore(env.DATABASE_URL)
  t.equal((await run(['check'], env)).out, before.out)
  const { drift } = storeRooms(store)
  const seen = { connectionId: 'demo-hostaway', platform: 'hostaway', deliveryId: 'd1' }
  const status = { ...seen, kind: 'unknown_status', detail: 'status "dreamt" is not known' } as const
  await store.commit([drift.count([status, status], AT)])
  await store.commit([drift.count([{ ...seen, kind: 'unknown_event', detail: 'dance' }], AT - 1_000)])
  await store.commit([
    drift.count([{ ...seen, kind: 'invalid_event', detail: 'booked: /id: lacks' }], AT - 2_000)
  ])
  await store.close()
  const after = await run(['check'], env)
  t.equal(after.code, 0)
  t.same(after.out.slice(before.out.length).split('\n'), [
    '',
    'Sent by platforms, but unknown to their adapters:',
    '  demo-hostaway  status "dreamt" is not known: delivery held, 2 times, last 2027-01-10T12:00:00Z as d1',
    '  demo-hostaway  dance: event ignored, once, last 2027-01-10T11:59:59Z as d1',
    '  demo-hostaway  booked: /id: lacks: dead letter, once, last 2027-01-10T11:59:58Z as d1',
    ''
  ])
})

t.test('check says that a store is older than the release, and leaves it so', async t => {
  const { env } = demoFolder(t, { connections: 'connections: []' })
  const before = await run(['check'], env)
  const madeIn = async () => {
    const store = await openStore(env.DATABASE_URL, { migrate: 'never' }).catch(error => error)
    return store instanceof Error ? store.message : 'whole'
  }
  const store = await openStore(env.DATABASE_URL)
  const last = migrations.at(-1)?.name
  await sql`delete from migrations where name = ${last}`.execute(store.db)
  await store.close()
  const lacking = await madeIn()
  t.match(lacking, new RegExp(`^the store lacks ${last};`))

  const told = await run(['check'], env)
  t.equal(told.code, 0)
  t.equal(
    told.out.slice(before.out.length).trim(),
    'The store is older than this release; the relay brings it up to date when it starts.'
  )
  const seam = { SEAM_API_KEY: 'seam_made_up_for_this_test' }
  t.match((await run(['check'], { ...env, ...seam })).out, /^Nothing is wrong\.\n\nThe store is older/m)
  const refused = await run(['check'], { ...env, ...seam, RELAY_MIGRATE: 'never' })
  t.equal(refused.code, 78)
  t.match(refused.err, new RegExp(`wrong settings\n  ${lacking}`))
  t.notMatch(refused.out, 'Nothing is wrong', 'which is said only where it is so')
  t.equal(await madeIn(), lacking, 'nothing was changed')
})

t.test('check does not say that nothing is wrong where the database does not answer', async t => {
  const { env } = demoFolder(t, {
    connections: 'connections: []',
    env: {
      DATABASE_URL: 'postgres://relay@127.0.0.1:1/relay',
      SEAM_API_KEY: 'seam_made_up_for_this_test'
    }
  })
  const told = await run(['check'], env)
  t.equal(told.code, 1)
  t.match(told.err, /^seam-relay: /)
  t.match(told.out, /Warning: .*connections: is empty/, 'what is known is told')
  t.notMatch(told.out, 'Nothing is wrong')
})
