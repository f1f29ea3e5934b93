import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { show } from '../../src/cli/operator/show.ts'
import { operatorOverStore } from '../../src/cli/operator/store.ts'
import { postSample } from '../../src/cli/relay-client.ts'
import { unsetConnection } from '../../src/cli/translate/input.ts'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import type { Connection } from '../../src/model/connection.ts'
import { hospitable } from '../../src/platforms/hospitable/hospitable.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { booking } from '../operate/operator.ts'
import { eventually } from '../run-relay.ts'
import { type DemoRelay, demoRelay } from './demo-relay.ts'
import { operatorTerminal, running, typing } from './operator-terminal.ts'
import { run } from './terminal.ts'

const TOKEN = 'the-admin-token-of-the-test'
const CONNECTION = 'demo-hospitable'
const HOSTILE = '\u001b[2J<img src=x onerror=alert(1)> Mallory'

const aConnection: Connection = { ...unsetConnection(hospitable), id: CONNECTION }

const connections = `connections:
  - id: ${CONNECTION}
    platform: hospitable
    customer_key: lake
    time_zone: Europe/Berlin
    check_in_time: "16:00"
    check_out_time: "11:00"
    secrets: { signing_secret: right-right-right }
`

const open = (t: Test): Promise<DemoRelay> => demoRelay(t, { connections, env: { RELAY_ADMIN_TOKEN: TOKEN } })

/** Hospitable's ids of the bookings of these tests. */
function idOf(id: string): string {
  const context = { connection: aConnection, now: 0, serial: 0 }
  const [sample] = hospitable.samples.tell(undefined, { ...booking, id }, context)
  return JSON.parse(Buffer.from(sample?.body ?? '').toString()).data.id
}

/** @param body what is sent in the place of what Hospitable says of the booking @returns the id of the delivery */
async function tell(
  { env, origin }: DemoRelay,
  now: SampleBooking,
  { before, body, secret }: { before?: SampleBooking; body?: string; secret?: string } = {}
): Promise<string | undefined> {
  const loaded = loadConnections({ config: loadConfig(env), env, platforms })
  const connection = loaded.connections.find(each => each.id === CONNECTION) ?? aConnection
  const context = { connection, now: Date.now(), serial: Date.now() }
  const [sample] = hospitable.samples.tell(before, now, context)
  if (sample === undefined) throw new TypeError('Hospitable tells of everything')
  const signed: Connection =
    secret === undefined ? connection : { ...connection, secrets: { signing_secret: [secret] } }
  const sent = { ...sample, body: body ?? sample.body }
  const { deliveryId } = await postSample(origin, hospitable, signed, sent, Date.now())
  return deliveryId
}

/** For programs, over HTTP. */
async function json({ env, origin }: DemoRelay, ...args: string[]) {
  const { code, out, err } = await run([...args, '--json', '--url', origin], env)
  if (out === '') throw new Error(`${args.join(' ')}: ${code}, ${err}`)
  return JSON.parse(out)
}

/** What the running relay says of it. */
async function asked(path: string, { origin }: DemoRelay) {
  const reply = await fetch(`${origin}/api/v1${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  // biome-ignore lint/suspicious/noExplicitAny: what is in it, each test says
  return (await reply.json()) as any
}

function untilDone(relay: DemoRelay, id: string | undefined): Promise<boolean> {
  return eventually(async () => {
    const { state, changes } = await asked(`/deliveries/${id}`, relay)
    const isSent = changes.every((each: { state: string }) => each.state !== 'waiting')
    return state !== 'received' && isSent ? true : undefined
  }, 'the end of the delivery')
}

t.test('looking', async t => {
  const relay = await open(t)

  await t.test('a reservation is found and its life is told, over the store and over HTTP alike', async t => {
    const { env, origin } = relay
    const hostile = { ...booking, guest: { ...booking.guest, name: HOSTILE } }
    const moved = { ...hostile, arrival: '2027-03-13', updatedAt: booking.updatedAt + 60_000 }
    const id = await tell(relay, hostile)
    await untilDone(relay, id)
    await untilDone(relay, await tell(relay, moved, { before: hostile }))
    await untilDone(relay, await tell(relay, hostile))

    const [b1, b2] = [idOf('b1'), idOf('b2')]
    const shown = await run(['show', b1], env)
    t.equal(shown.code, 0, shown.err)
    t.match(shown.out, `reservation ${CONNECTION}:${b1}  synced\n`)
    t.match(shown.out, /at Seam +Seam has it as it should be\./)
    t.match(shown.out, /guest +demo-hospitable:\S+: synced/)
    t.match(
      [...shown.out.matchAll(/(changed it|came too late|Seam took it)/g)].map(([, word]) => word),
      ['changed it', 'Seam took it', 'changed it', 'Seam took it', 'came too late']
    )
    t.notMatch(shown.out, /Mallory|ada@|12125550101|4711/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    t.notMatch(shown.out, /\u001b/)
    const overStore = await run(['show', `${CONNECTION}:${b1}`, '--json'], env)
    t.strictSame(await json(relay, 'show', b1), JSON.parse(overStore.out), 'the same answers')

    const told = await run(['show', String(id), '--reveal'], env)
    t.match(told.out, `delivery ${id}  translated\n`)
    t.match(told.out, 'Mallory')
    t.match(told.out, /verified by +header signature: HMAC/)
    t.match(told.out, `reservation ${CONNECTION}:${b1}: changed it; now synced`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    t.notMatch(told.out, /\u001b/)
    t.match(await asked('/audit', relay), {
      data: [{ actor: 'command-line', actor_name: 'command line', action: 'reveal' }]
    })

    await untilDone(relay, await tell(relay, { ...hostile, id: 'b2' }))
    const both = await run(['show', 'mallory'], env)
    t.equal(both.code, 0)
    for (const id of [b1, b2]) t.match(both.out, new RegExp(`reservation +${CONNECTION}:${id} `))
    t.match((await json(relay, 'show', 'mallory')).found.data.length, 1)
    t.match(await run(['show', 'nobody', '--url', origin], env), {
      code: 1,
      out: /^Nothing was found\.\nNames/
    })
    t.match(await json(relay, 'show', 'nobody'), { found: { data: [] } })

    await run(['pause', '--connection', CONNECTION], env)
    const late = await tell(relay, { ...hostile, id: 'b2' })
    t.notMatch((await run(['show', 'nobody'], env)).out, 'unread', 'what came just now is about to be read')
    const shownLater = async (what: string) => {
      const terminal = operatorTerminal({ env })
      await show({ what, terminal, platforms, now: () => Date.now() + 60_000 })
      return terminal.written.out
    }
    const unread = (many: string) =>
      `${many} of ${CONNECTION} wait unread: "seam-relay deliveries --state received" says why.\n`
    t.match(await shownLater('nobody'), unread('1 delivery').replace('wait', 'waits'))
    const later = await tell(relay, { ...hostile, id: 'b2' })
    t.match(await shownLater('b2'), unread('2 deliveries'))
    await run(['resume', '--connection', CONNECTION], env)
    for (const id of [late, later]) await untilDone(relay, id)

    const list = await run(['deliveries', '--limit', '2', '--connection', CONNECTION, '--since', '1d'], env)
    t.match(list.out, /^RECEIVED \(\S+\) +AGE +CONNECTION +STATE +EVENT +ID +WHY\n/)
    t.equal(list.out.split('\n').length, 5)
    t.match(list.out, 'These are the newest 2 deliveries; --limit and --all show more.')
    t.equal((await json(relay, 'deliveries', '--all')).data.length, 6)
    t.match(await run(['deliveries', '--state', 'dead', '--url', origin], env), {
      code: 0,
      out: 'There are none.\n'
    })
    t.match(await run(['deliveries', '--connection', 'a\0b', '--url', origin], env), {
      code: 2,
      err: /connection: must match/
    })

    const status = await run(['status'], env)
    t.equal(status.code, 0)
    t.match(status.out, /^All is well\.\n/)
    t.match(await json(relay, 'status', '--over', '24h'), {
      well: true,
      counts: { over: '24h' }
    })
  })

  t.test(
    'what happens is told as it does, over the store and over HTTP, until somebody has seen enough',
    async t => {
      const { env, origin } = relay
      const tails = [
        running(['tail'], { env, columns: 100 }),
        running(['tail', '--json', '--url', origin, '--connection', CONNECTION], { env })
      ]
      const watched = running(['status', '--watch'], { env, columns: 100 })
      // Both have begun once they tell something: what came before they looked is no news.
      let serial = 0
      for (const { terminal } of tails) {
        await eventually(async () => {
          serial += 1
          await tell(relay, { ...booking, id: `t${serial}` })
          return /translated/.test(terminal.written.out) ? true : undefined
        }, 'the first line')
      }
      await tell(relay, booking, { body: '{' })
      await tell(relay, booking, { secret: 'wrong-wrong-wrong' })
      const [people, programs] = tails.map(each => each.terminal)
      await people?.until(/dead {6}.*demo-hospitable/)
      await people?.until(/rejected .*signature_wrong/)
      await people?.until(/200 .*lake {2}push_data {2}in \d+ ms/)
      await programs?.until(/^\{"event":"rejected",.*\}$/m)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal gets colours, and is drawn anew
      await watched.terminal.until(/\u001b\[H\u001b\[J.*Stuck\?/s)
      for (const { terminal, ended } of [...tails, watched]) {
        terminal.signal()
        t.equal(await ended, 0)
      }
    }
  )

  await t.test('what cannot be asked is said in a sentence, and no token is shown', async t => {
    const { env, origin, folder } = relay
    const bare = Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'RELAY_ADMIN_TOKEN'))
    writeFileSync(`${folder}/token`, `${TOKEN}\n`)
    writeFileSync(`${folder}/wrong`, 'not the token of this relay')
    t.match(await run(['dead', '--url', origin, '--token-file', `${folder}/token`], bare), {
      code: 0,
      err: ''
    })
    const refused: [string[], Record<string, string>, number, RegExp][] = [
      [
        ['--url', origin],
        { ...bare, RELAY_ADMIN_TOKEN: 'wrong-wrong-wrong' },
        1,
        /Send Authorization: Bearer/
      ],
      [['--url', origin], bare, 2, /a token is needed: set RELAY_ADMIN_TOKEN/],
      [
        ['--url', origin],
        { ...bare, RELAY_ADMIN_TOKEN_FILE: '/none' },
        2,
        /RELAY_ADMIN_TOKEN_FILE cannot be read/
      ],
      [['--url', origin, '--token-file', '/none'], bare, 2, /--token-file cannot be read \(ENOENT\)/],
      [['--url', origin, '--token-file', `${folder}/wrong`], bare, 2, /without white space/],
      [['--token-file', '/none'], env, 2, /--token-file goes with --url/],
      [['--url', 'ftp://x'], env, 2, /--url must be the origin/],
      [['--url', 'https://me:hunter2@x'], env, 2, /--url must be the origin/],
      [
        ['--url', 'http://127.0.0.1:1'],
        env,
        1,
        /nothing answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/
      ],
      [['--url', `${origin}/livez`], env, 1, /There is nothing at this address/],
      [[], { ...env, DATABASE_URL: `file:${folder}/none.db` }, 2, /there is no store at file:.*none\.db/],
      [[], { ...env, PORT: 'none' }, 78, /PORT/]
    ]
    for (const [args, settings, code, message] of refused) {
      const ran = await run(['dead', ...args], settings)
      t.match(ran, { code, out: '', err: message })
      t.notMatch(ran.err, /hunter2|wrong-wrong|not the token/)
    }
    t.match(await run(['tail', '--url', origin], { ...bare, RELAY_ADMIN_TOKEN: 'wrong-wrong-wrong' }), {
      code: 1
    })
    t.match(await run(['tail', '--url', 'http://127.0.0.1:1'], env), { code: 1 })
    t.match(await run(['tail', '--connection', 'a\0b'], env), { code: 2, err: /connection: must match/ })
    t.match(await run(['deliveries', '--since', 'yesterday'], env), { code: 2, err: /2h or 3d/ })
  })

  await t.test('what the relay refuses to tell as it happens is refused over the store too', async t => {
    const desk = await operatorOverStore({ env: relay.env, platforms, err: process.stderr })
    await t.rejects(desk.listen('/tail', { query: { connection: 'a\0b' } }), {
      code: 'RELAY_BAD_REQUEST',
      message: /connection: must match/
    })
    await desk.close()
  })

  await t.test('a mistyped connection is no quiet one', async t => {
    const { env, origin, folder } = relay
    for (const command of [['deliveries'], ['replay', '--plan'], ['replay', '--yes'], ['tail']]) {
      for (const where of [[], ['--url', origin]]) {
        t.match(await run([...command, '--connection', 'demo-hospitabel', ...where], env), {
          code: 2,
          out: '',
          err: 'there is no connection demo-hospitabel; did you mean demo-hospitable?'
        })
      }
    }
    t.match(await run(['deliveries', '--connection', '@callers'], env), { code: 0, out: 'There are none.\n' })
    writeFileSync(`${folder}/others.yaml`, connections.replace(`id: ${CONNECTION}`, 'id: another'))
    const left = { ...env, RELAY_CONNECTIONS_FILE: `${folder}/others.yaml` }
    t.match(
      await run(['deliveries', '--connection', CONNECTION], left),
      { code: 0, out: CONNECTION },
      'one that has left the settings is known by what is kept of it'
    )
  })
})

t.test('mending', async t => {
  const relay = await open(t)

  await t.test('what does not go on is shown by cause, mended, and revived', async t => {
    const { env, origin } = relay
    t.match(await run(['dead'], env), { code: 0, out: 'There are no dead letters.\n' })
    t.match(await run(['jobs'], env), { out: 'There are none.\n' })
    t.match(await run(['revive', 'abcd', '--url', origin], env), {
      code: 2,
      err: /there is no group abcd; there are none\n/
    })
    const broken = JSON.stringify({ id: 'x', action: 'reservation.created', data: { id: '\u001b[1m' } })
    const ids = [await tell(relay, booking, { body: '{' }), await tell(relay, booking, { body: broken })]
    const fine = await tell(relay, booking)
    for (const id of [...ids, fine]) await untilDone(relay, id)

    const { code, out } = await run(['dead'], env)
    t.equal(code, 0)
    const handles = [...out.matchAll(/^([\da-f]{4,}) +(?:dead|held) +demo-hospitable +1 /gm)].map(
      ([, handle]) => `${handle}`
    )
    t.equal(handles.length, 2)
    t.match(out, '2 dead letters. Once the cause is fixed: seam-relay revive <group>')
    const { data } = await json(relay, 'dead')
    t.strictSame(new Set(data.map((each: { handle: string }) => each.handle)), new Set(handles))

    const revived = await run(['revive', `${handles[0]}`], env)
    t.equal(revived.code, 0, revived.err)
    t.match(revived.out, /^Job \S+ gives 1 dead letter another try\.\n/)
    t.match(revived.out, /Done in \d+ s: 1 of 1\.\n$/)
    const byId = await json(relay, 'revive', `${ids[0]}`, '--no-wait')
    t.match(byId, { kind: 'revive', filter: { of: /dead|held/ }, by: 'RELAY_ADMIN_TOKEN' })
    t.match(await run(['revive', `${fine}`, '--url', origin], env), {
      code: 2,
      err: /is translated, and not a dead letter/
    })
    t.match(await run(['revive', 'f'.repeat(26), '--url', origin], env), {
      code: 2,
      err: /there is no delivery/
    })
    t.match(await run(['revive', 'zzzz', '--url', origin], env), {
      code: 2,
      err: /there is no group zzzz; there are:\n {2}\w{4}/
    })

    const plan = await run(['replay', '--plan', '--all', CONNECTION], env)
    t.equal(plan.code, 0)
    t.match(plan.out, '3 deliveries would run again.\n')
    t.match(await json(relay, 'replay', '--plan', `${fine}`), { deliveries: 1, changes: [] })
    const unasked = running(['replay', '--connection', CONNECTION, '--url', origin], { env })
    t.equal(await unasked.ended, 2)
    t.match(unasked.terminal.written.err, /add --yes/)
    t.match(await run(['replay', '--plan', '--url', origin], env), { code: 2, err: /say which/ })
    for (const [answer, expected] of [
      ['n\n', 1],
      ['yes\n', 0]
    ] as const) {
      const { terminal, ended } = running(['replay', '--state', 'translated'], { env, input: typing(answer) })
      t.equal(await ended, expected)
      t.match(terminal.written.err, 'Run 1 delivery again? [y/N] ')
      t.match(
        terminal.written.out,
        expected === 0 ? /Done in \d+ s: 1 of 1/ : /0 deleted, 0 held back, \d stay as they are\.\n$/
      )
    }
    const none = running(['replay', '--type', 'none', '--url', origin], { env, input: typing('y') })
    t.equal(await none.ended, 1)
    t.match(none.terminal.written.out, 'There is nothing to run again.')
    const started = await json(relay, 'replay', '--dead', CONNECTION, '--no-wait', '--yes')
    t.match(started, { kind: 'replay', filter: { connection: CONNECTION, state: 'dead' } })

    const jobs = await run(['jobs'], env)
    t.match(
      jobs.out,
      new RegExp(`${started.id} +replay .*RELAY_ADMIN_TOKEN +connection ${CONNECTION}, state dead\n`)
    )
    t.match(jobs.out, / revive +done +1 of 1 .* command line +of (?:dead|held), group /)
    t.equal((await json(relay, 'jobs', '--limit', '1')).data.length, 1)
    t.match(await run(['jobs', 'cancel', byId.id, '--url', origin], env), {
      code: 0,
      out: /^Job \S+ is (done|cancelled), after /
    })
    t.match(await json(relay, 'jobs', 'cancel', byId.id), { id: byId.id })
    t.match(await run(['jobs', 'cancel', 'none', '--url', origin], env), {
      code: 1,
      err: 'seam-relay: There is nothing of that name in the store.\n'
    })
  })

  await t.test('things rest and go on, and what was refused is taken in', async t => {
    const { env, origin } = relay
    await untilDone(relay, await tell(relay, booking))
    t.match(await run(['pause'], env), { code: 0, out: 'Nothing is paused.\n' })
    const paused = await run(['pause', '--connection', CONNECTION, '--reason', 'too much'], env)
    t.match(paused, {
      code: 0,
      out: /^Connection demo-hospitable is paused; "seam-relay resume \S+" lets it go on\.\n/
    })
    const waiting = await tell(relay, { ...booking, id: 'b2' })
    const status = await run(['status', '--url', origin], env)
    t.equal(status.code, 0)
    t.match(status.out, /connection demo-hospitable is paused: too much\./)
    t.match(
      (await run(['pause', '--url', origin], env)).out,
      /connection demo-hospitable .*command line +too much\n/
    )
    t.match(await json(relay, 'pause'), { data: [{ of: 'connection' }] })
    t.match(await run(['resume', '--connection', CONNECTION], env), {
      code: 0,
      out: 'Connection demo-hospitable is resumed.\n'
    })
    await untilDone(relay, waiting)

    const customer = ['--workspace', 'default', '--customer', 'lake']
    const made = await json(relay, 'pause', ...customer)
    t.match(made, { of: 'customer', customer_key: 'lake' })
    await tell(relay, { ...booking, id: 'b3' })
    await eventually(async () => {
      const { data } = await asked('/resources?state=waiting', relay)
      return data.length > 0 ? true : undefined
    }, 'the stay that waits')
    t.match(
      (await run(['show', idOf('b3')], env)).out,
      /On its way to Seam; customer lake of workspace default is paused\./
    )
    t.match(await run(['resume', '--workspace', 'default', '--url', origin], env), {
      code: 1,
      out: /not paused/
    })
    t.match(await json(relay, 'resume', ...customer), { resumed: [{ id: made.id }] })
    const workspace = await json(relay, 'pause', '--workspace', 'default')
    t.match(await run(['resume', workspace.id, '--url', origin], env), {
      code: 0,
      out: 'Workspace default is resumed.\n'
    })
    for (const wrong of [
      ['--customer', 'lake'],
      ['--connection', 'x', '--workspace', 'default']
    ]) {
      t.match(await run(['pause', ...wrong, '--url', origin], env), { code: 2, err: /name one thing/ })
    }
    t.match(await run(['pause', '--connection', 'none', '--url', origin], env), {
      code: 2,
      err: /there is none of that id/
    })

    t.match(await run(['push-again', 'lake'], env), {
      code: 0,
      out: /^\d resources of lake will be sent again/
    })
    t.match(await json(relay, 'push-again', 'lake'), { resources: /\d/ })
    t.equal((await run(['push-again', 'nobody', '--url', origin], env)).code, 1)

    t.match(await run(['replay', '--rejected', CONNECTION, '--url', origin], env), {
      out: `No rejected request of ${CONNECTION} is kept.\n`
    })
    await tell(relay, { ...booking, id: 'b4' }, { secret: 'wrong-wrong-wrong' })
    await eventually(async () => {
      const { out } = await run(['replay', '--rejected', CONNECTION, '--url', origin], env)
      return /^1 still refused: signature_wrong\n/.test(out) ? true : undefined
    }, 'the request that was refused')
    t.match(await json(relay, 'replay', '--rejected', CONNECTION), {
      taken: 0,
      still_refused: [{ count: 1 }]
    })
    t.match(
      (await run(['dead'], env)).out,
      `1 request of ${CONNECTION} refused within 24 h. Once the cause is fixed: seam-relay replay --rejected ${CONNECTION}\n`
    )
  })
})
