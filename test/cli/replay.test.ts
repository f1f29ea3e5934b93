import { writeFileSync } from 'node:fs'
import t from 'tap'
import { postSample } from '../../src/cli/relay-client.ts'
import { loadConfig } from '../../src/config.ts'
import { loadConnections, resolveSandboxEndpoints } from '../../src/connections.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore, storeExists } from '../../src/store/store.ts'
import { eventually } from '../run-relay.ts'
import { aDelivery } from '../store/given.ts'
import { demoFolder, demoRelay } from './demo-relay.ts'
import { run, runUntilSignal } from './terminal.ts'

const HOUR = 3_600_000

/** Four ways of proving who sends; two accounts each, so that one can be forged. */
const accounts = {
  guesty: {
    right: 'signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ=',
    wrong: 'signing_secret: whsec_d3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmc='
  },
  hospitable: { right: 'signing_secret: right-right-right', wrong: 'signing_secret: wrong-wrong-wrong' },
  hostaway: {
    right: 'username: relay, password: right-right-right',
    wrong: 'username: relay, password: wrong-wrong-wrong'
  },
  mews: { right: 'token: right-right-right', wrong: 'token: wrong-wrong-wrong' }
}
type Name = keyof typeof accounts
const names = Object.keys(accounts) as Name[]

function fileWith(which: 'right' | 'wrong'): string {
  const apis: Partial<Record<Name, string>> = {
    guesty: 'api: { endpoint: sandbox, client_id: a, client_secret: b }',
    mews: 'api: { endpoint: sandbox, client_token: a, access_token: b }'
  }
  const entries = names.map(name => {
    const api = apis[name] === undefined ? '' : `, ${apis[name]}`
    return `  - { id: ${name}, platform: ${name}, customer_key: ${name}, time_zone: Europe/Lisbon, secrets: { ${accounts[name][which]} }${api} }`
  })
  return `connections:\n${entries.join('\n')}\n`
}

t.test('requests that were refused for a wrong secret are taken in once it is mended', async t => {
  const { env, folder } = demoFolder(t, { connections: fileWith('right') })
  const file = `${folder}/connections.yaml`
  // The world the platforms live in; what the operator has entered is wrong.
  const { connections } = loadConnections({ config: loadConfig(env), env, platforms })
  writeFileSync(file, fileWith('wrong'))
  const mistaken = await runUntilSignal(t, ['start'], env)
  const sentAt = Date.now() - HOUR
  for (const connection of connections) {
    const platform = platforms[connection.platform] as Platform
    const [make] = Object.values(platform.samples.events)
    const sample = make?.({ connection, now: sentAt, serial: 1 }) ?? { event: '', body: '' }
    const posted = await postSample(mistaken.origin, platform, connection, sample, sentAt)
    t.equal(posted.status, 401, platform.name)
  }
  t.equal(await mistaken.signal('SIGINT'), 0)
  for (const [name, cause] of [
    ['guesty', 'signature_wrong'],
    ['hostaway', 'credentials_wrong']
  ] as const) {
    const { code, out } = await run(['replay', '--rejected', name], env)
    t.same([code, out], [0, `1 still refused: ${cause}\n`])
  }

  writeFileSync(file, fileWith('right'))
  // The test is not to last an hour.
  await receivedAt(env.DATABASE_URL, sentAt)
  const mended = await runUntilSignal(t, ['start'], env)
  for (const name of names) {
    t.same(await run(['replay', '--rejected', name], env), {
      code: 0,
      out: '1 taken in; a running relay takes them on within a second, a stopped one when it starts.\n',
      err: ''
    })
  }
  t.match((await run(['replay', '--rejected', 'mews'], env)).out, 'No rejected request of mews is kept.\n')
  for (const name of names) {
    await eventually(async () => {
      const state = await fetch(`${mended.origin}/sandbox/state?customer_key=${name}`)
      return /"access":"granted"/.test(await state.text()) ? true : undefined
    }, `the stay of ${name}`)
  }
})

t.test('a request that was too old when it came stays refused', async t => {
  const relay = await demoRelay(t)
  const { connections } = loadConnections({ config: loadConfig(relay.env), env: relay.env, platforms })
  const guesty = resolveSandboxEndpoints(connections, relay.origin).find(each => each.platform === 'guesty')
  const platform = platforms.guesty as Platform
  if (guesty === undefined) throw new TypeError('the demo has Guesty')
  const sample = { event: 'x', body: '{}' }
  t.equal((await postSample(relay.origin, platform, guesty, sample, Date.now() - HOUR)).status, 401)
  t.equal(await relay.signal('SIGINT'), 0)
  const { out } = await run(['replay', '--rejected', 'demo-guesty'], relay.env)
  t.equal(out, '1 still refused: timestamp_outside_tolerance\n')
})

t.test('deliveries run again by id, and ids that nobody knows are named', async t => {
  const relay = await demoRelay(t)
  const { out } = await run(['send', 'hospitable', 'reservation.created', '--url', relay.origin], relay.env)
  const id = String(/delivery (\w+)/.exec(out)?.[1])
  const before = await callsIn(relay.env.DATABASE_URL)
  t.same(await run(['replay', id, 'nope', 'nope'], relay.env), {
    code: 1,
    out: 'There is no delivery nope.\n1 delivery runs again; a running relay takes them on within a second, a stopped one when it starts.\n',
    err: ''
  })
  t.same(await run(['replay', 'nope'], relay.env), { code: 1, out: 'There is no delivery nope.\n', err: '' })
  t.equal((await run(['replay', id], relay.env)).code, 0)
  await untilTranslated(relay.env.DATABASE_URL)
  t.equal(await relay.signal('SIGINT'), 0)
  t.same(await callsIn(relay.env.DATABASE_URL), before, 'what Seam has agreed to is not sent again')
})

t.test('the dead ones, or all deliveries, of a connection run again', async t => {
  const { env } = demoFolder(t)
  const relay = await runUntilSignal(t, ['start'], env)
  const { connections } = loadConnections({ config: loadConfig(env), env, platforms })
  const connection = connections.find(each => each.platform === 'standard')
  if (connection === undefined) throw new TypeError('the demo has Standard')
  for (const body of ['{', '{"type":"test.ping"}', '{"type":"test.ping"}']) {
    const { status } = await postSample(
      relay.origin,
      platforms.standard as Platform,
      connection,
      { event: '', body },
      Date.now()
    )
    t.equal(status, 200)
  }
  await untilTranslated(env.DATABASE_URL)
  t.equal(await relay.signal('SIGINT'), 0)

  t.match((await run(['replay', '--dead', 'demo-standard'], env)).out, '1 delivery runs again; ')
  t.match((await run(['replay', '--dead', 'demo-standard'], env)).out, 'There is nothing to run again.\n')
  t.match((await run(['replay', '--all', 'demo-standard'], env)).out, '2 deliveries run again; ')
  t.match((await run(['replay', '--all', 'demo-mews'], env)).out, 'There is nothing to run again.\n')
  const again = await runUntilSignal(t, ['start'], env)
  await untilTranslated(env.DATABASE_URL)
  t.equal(await again.signal('SIGINT'), 0)
  t.match((await run(['replay', '--all', 'demo-standard'], env)).out, '3 deliveries run again; ')
})

t.test('what is too old to run again is named, and the others run', async t => {
  const { env } = demoFolder(t)
  const store = await openStore(env.DATABASE_URL)
  const { deliveries, retention } = storeRooms(store)
  for (const [id, doneAt] of [
    ['old', 2_000],
    ['young', 4_000]
  ] as const) {
    await deliveries.append(aDelivery(id, { connectionId: 'demo-standard', platform: 'standard' }))
    const [claimed] = await deliveries.claim(9_000, 1, 1)
    if (claimed !== undefined) await store.commit([deliveries.end(claimed, 'translated', [], doneAt)])
  }
  await retention.emptyBodies(3_000, 10)
  await store.close()
  const tooOld = 'Delivery old is too old to run again; see RELAY_KEEP_BODIES_DAYS.\n'
  t.same(await run(['replay', 'old'], env), { code: 1, out: tooOld, err: '' })
  const { code, out } = await run(['replay', 'old', 'young'], env)
  t.equal(code, 1)
  t.match(out, `${tooOld}1 delivery runs again; `)
  t.match(
    (await run(['replay', '--all', 'demo-standard'], env)).out,
    'There is nothing to run again.\nLeft out: 1 that are too old to run again; see RELAY_KEEP_BODIES_DAYS.\n'
  )
})

t.test('exactly one way of naming deliveries is taken, and only connections that there are', async t => {
  const { env } = demoFolder(t)
  const usage =
    'seam-relay: replay: give ids of deliveries, or one of --rejected, --dead and --all with a connection\n'
  for (const args of [[], ['id', '--dead', 'demo-mews'], ['--dead', 'demo-mews', '--all', 'demo-mews']]) {
    t.same(await run(['replay', ...args], env), { code: 2, out: '', err: usage })
  }
  const { code, err } = await run(['replay', '--dead', 'nope'], env)
  t.equal(code, 2)
  t.match(
    err,
    'seam-relay: replay: there is no connection nope; there are:\n  demo-hospitable\n  demo-guesty\n'
  )
})

t.test('no store is made where there is none: it is elsewhere', async t => {
  const { env } = demoFolder(t)
  for (const args of [['--rejected', 'demo-hospitable'], ['--all', 'demo-hospitable'], ['some-id']]) {
    const { code, err } = await run(['replay', ...args], env)
    t.equal(code, 2)
    t.match(err, /there is no store at file:.*relay\.db; set DATABASE_URL/)
  }
  t.notOk(storeExists(env.DATABASE_URL))
})

async function receivedAt(url: string, ms: number): Promise<void> {
  const store = await openStore(url)
  const { sql, parameters } = store.db.updateTable('rejected').set({ received_at: ms }).compile()
  await store.commit([{ sql, rows: [parameters], returning: false }])
  await store.close()
}

async function untilTranslated(url: string): Promise<void> {
  const { db, close } = await openStore(url)
  await eventually(async () => {
    const waiting = await db.selectFrom('deliveries').select('id').where('state', '=', 'received').execute()
    return waiting.length === 0 ? true : undefined
  }, 'the end of every delivery')
  await close()
}

/** The calls that were made, and whether any is due. */
async function callsIn(url: string) {
  const { db, close } = await openStore(url)
  const made = await db.selectFrom('attempts').select('id').execute()
  const due = await db.selectFrom('lanes').select('customer_key').where('due_at', 'is not', null).execute()
  await close()
  return { made, due }
}
