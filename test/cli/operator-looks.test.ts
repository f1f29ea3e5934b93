import { writeFileSync } from 'node:fs'
import t from 'tap'
import { show } from '../../src/cli/operator/show.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { booking } from '../operate/operator.ts'
import { asked, CONNECTION, connections, idOf, json, openOperated, tell, untilDone } from './operated.ts'
import { operatorTerminal } from './operator-terminal.ts'
import { run } from './terminal.ts'

const HOSTILE = '\u001b[2J<img src=x onerror=alert(1)> Mallory'
const hostile = { ...booking, guest: { ...booking.guest, name: HOSTILE } }
const moved = { ...hostile, arrival: '2027-03-13', updatedAt: booking.updatedAt + 60_000 }
const [b1, b2] = [idOf('b1'), idOf('b2')]

const relay = await openOperated(t)
const { env, origin, folder } = relay
const first = await tell(relay, hostile)
await untilDone(relay, first)
await untilDone(relay, await tell(relay, moved, { before: hostile }))
await untilDone(relay, await tell(relay, hostile))

t.test('the life of a reservation is told, over the store and over HTTP alike', async t => {
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
})

t.test(
  'a delivery is shown with its request; whom it names only if asked, which is written down',
  async t => {
    const told = await run(['show', String(first), '--reveal'], env)
    t.match(told.out, `delivery ${first}  translated\n`)
    t.match(told.out, 'Mallory')
    t.match(told.out, /verified by +header signature: HMAC/)
    t.match(told.out, `reservation ${CONNECTION}:${b1}: changed it; now synced`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    t.notMatch(told.out, /\u001b/)
    t.match(await asked('/audit', relay), {
      data: [{ actor: 'command-line', actor_name: 'command line', action: 'reveal' }]
    })
  }
)

t.test('a name finds all that is of its guest, and what is not found is said to be so', async t => {
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
})

t.test('what waits unread is told of, as it may hold what is looked for', async t => {
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
})

t.test('deliveries are listed, the newest first, and where there are more that is said', async t => {
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
})

t.test('where nothing is wrong, the status says so', async t => {
  const status = await run(['status'], env)
  t.equal(status.code, 0)
  t.match(status.out, /^All is well\.\n/)
  t.match(await json(relay, 'status', '--over', '24h'), { well: true, counts: { over: '24h' } })
})

t.test('where nothing is dead and nothing runs, that is said', async t => {
  t.match(await run(['dead'], env), { code: 0, out: 'There are no dead letters.\n' })
  t.match(await run(['jobs'], env), { out: 'There are none.\n' })
  t.match(await run(['revive', 'abcd', '--url', origin], env), {
    code: 2,
    err: /there is no group abcd; there are none\n/
  })
})

t.test('a mistyped connection is no quiet one', async t => {
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
