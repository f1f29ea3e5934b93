import t from 'tap'
import { serviceOf } from '../api/call.ts'
import { fakeSeam, ok } from '../seam/fake-seam.ts'
import { ask, booking, CONNECTION, KEY, openOperated, tell } from './operator.ts'

const connections = `
connections:
  - { id: lake, platform: standard, customer_key: lake, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
`

t.test('a customer whose call is under way says so, until Seam has answered', async t => {
  const seam = await fakeSeam(t)
  seam.respond = () => undefined
  const env = { SEAM_API_KEY: 'seam_key', SEAM_ENDPOINT: seam.endpoint }
  const relay = await openOperated(t, { connections, env })
  const { translateOnce, syncOnce } = relay.relay.steps
  await serviceOf(relay, KEY).push({ customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] })
  await translateOnce()
  relay.clock.now += 10_000
  const acme = async () => (await ask(relay, '/customers/default/acme')).body
  t.match(await acme(), { sending: false, waiting: 1, due_at: /^2027/ })

  const sent = syncOnce()
  const call = await seam.next()
  t.match(await acme(), { sending: true, waiting: 1, due_at: null })
  call.answer(ok)
  await sent
  t.match(await acme(), { sending: false, waiting: 0, due_at: null })
})

t.test('a workspace that Seam has taken again works, and its reason is gone', async t => {
  const relay = await openOperated(t)
  await tell(relay, booking)
  await relay.misbehave({ fail: [{ times: 1, status: 401 }] })
  relay.clock.now += 10_000
  await relay.relay.steps.translateOnce()
  relay.clock.now += 10_000
  await relay.relay.steps.syncOnce()
  t.match((await ask(relay, '/workspaces')).body.data, [{ state: 'stopped', failures: 1 }])
  await relay.settle()
  t.match((await ask(relay, '/workspaces')).body.data, [
    { id: 'default', state: 'works', until: null, reason: null, failures: 0, due: 0 }
  ])
  t.match((await ask(relay, `/customers/default/${CONNECTION}`)).body, {
    waiting: 0,
    failures: 0,
    error: null
  })
})
