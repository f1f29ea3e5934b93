import t from 'tap'
import { serviceOf, storedKey } from '../api/call.ts'
import { fakeSeam } from '../seam/fake-seam.ts'
import { ask, openOperated } from './operator.ts'

const connections = `
workspaces: [ { id: eu, api_key: seam_eu }, { id: us, api_key: seam_us } ]
connections:
  - { id: lake, platform: standard, workspace: eu, customer_key: lake, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
`

t.test('of several workspaces, the calls of a customer are those of the one that is named', async t => {
  const env = { SEAM_API_KEY: 'seam_key', SEAM_ENDPOINT: (await fakeSeam(t)).endpoint }
  const relay = await openOperated(t, { connections, env })
  for (const workspaceId of ['eu', 'us']) {
    const service = serviceOf(relay, await storedKey(relay, { workspaceId }))
    await service.push({ customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] })
  }
  await relay.settle()
  t.equal((await ask(relay, '/attempts')).body.data.length, 2)
  t.match((await ask(relay, '/attempts?workspace=eu&customer=acme')).body.data, [
    { workspace: 'eu', customer_key: 'acme', status: 200 }
  ])
  t.equal((await ask(relay, '/attempts?workspace=us')).body.data.length, 1)
  t.match(await ask(relay, '/attempts?customer=acme'), {
    status: 400,
    body: { code: 'RELAY_BAD_REQUEST', detail: 'workspace: is needed together with customer.' }
  })
})
