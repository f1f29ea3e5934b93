import t from 'tap'
import { booking } from '../operate/operator.ts'
import { eventually } from '../run-relay.ts'
import { asked, CONNECTION, idOf, json, openOperated, tell, untilDone } from './operated.ts'
import { run } from './terminal.ts'

const relay = await openOperated(t)
const { env, origin } = relay
await untilDone(relay, await tell(relay, booking))

t.test('a paused connection rests until it is resumed, with the reason shown', async t => {
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
})

t.test('so do a customer and a workspace, and a stay says that it waits for that', async t => {
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
})

t.test('what is to rest is one thing, and one that there is', async t => {
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
})

t.test('everything of a customer is pushed again', async t => {
  t.match(await run(['push-again', 'lake'], env), {
    code: 0,
    out: /^\d resources of lake will be sent again/
  })
  t.match(await json(relay, 'push-again', 'lake'), { resources: /\d/ })
  t.equal((await run(['push-again', 'nobody', '--url', origin], env)).code, 1)
})

t.test('what was refused is judged again, and dead letters tell of it', async t => {
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
