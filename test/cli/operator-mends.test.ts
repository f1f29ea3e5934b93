import t from 'tap'
import { booking } from '../operate/operator.ts'
import { CONNECTION, json, openOperated, tell, untilDone } from './operated.ts'
import { running, typing } from './operator-terminal.ts'
import { run } from './terminal.ts'

const relay = await openOperated(t)
const { env, origin } = relay
const broken = JSON.stringify({ id: 'x', action: 'reservation.created', data: { id: '\u001b[1m' } })
const dead = [await tell(relay, booking, { body: '{' }), await tell(relay, booking, { body: broken })]
const fine = await tell(relay, booking)
for (const id of [...dead, fine]) await untilDone(relay, id)

t.test('what does not go on is shown by cause, and revived by it', async t => {
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
})

t.test('one that is no dead letter, or is not there, is not revived', async t => {
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
})

t.test('a plan says what a replay would do, and nothing runs before somebody agrees', async t => {
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
})

t.test('jobs are listed with who began them, and can be cancelled', async t => {
  const byId = await json(relay, 'revive', `${dead[0]}`, '--no-wait')
  t.match(byId, { kind: 'revive', filter: { of: /dead|held/ }, by: 'RELAY_ADMIN_TOKEN' })
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
