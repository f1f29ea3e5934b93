import t from 'tap'
import { standIn } from '../../../src/platforms/mews/stand-in.ts'
import { connection, customer, ids, resource, worldOf } from './world.ts'

const base = '/api/connector/v1/'
const tokens = {
  ClientToken: connection.api?.client_token,
  AccessToken: connection.api?.access_token,
  Client: 'Seam Relay'
}
const world = worldOf({
  customers: [customer(), customer({ Id: ids.companion, IsActive: false })],
  resources: [resource(), resource({ Id: ids.other, IsActive: false })]
})
world.set(`customers/${ids.late}`, null)

function ask(operation: string, question: unknown, method = 'POST') {
  const request = { method, path: operation, query: {}, headers: {}, body: question }
  return standIn(request, world, connection.api ?? {})
}

const customers = {
  ...tokens,
  CustomerIds: [ids.guest, ids.companion, ids.late],
  Extent: { Customers: true },
  Limitation: { Count: 10 }
}

t.test('both tokens and a client are demanded', async t => {
  t.equal(ask(`${base}customers/getAll`, customers).status, 200)
  for (const wrong of [
    { ClientToken: 'x' },
    { AccessToken: 'x' },
    { AccessToken: undefined },
    { Client: '' }
  ]) {
    t.equal(ask(`${base}customers/getAll`, { ...customers, ...wrong }).status, 401)
  }
  t.equal(ask(`${base}customers/getAll`, undefined).status, 401)
})

t.test('only the documented operations exist, and only as POST', async t => {
  t.equal(ask(`${base}bills/getAll`, customers).status, 404)
  t.equal(ask('/customers/getAll', customers).status, 404)
  t.equal(ask(`${base}customers/getAll`, customers, 'GET').status, 404)
})

t.test('ids, extent and limitation are demanded', async t => {
  for (const wrong of [
    { CustomerIds: undefined },
    { CustomerIds: [] },
    { CustomerIds: Array(1001).fill(ids.guest) },
    { Extent: undefined },
    { Limitation: undefined },
    { Limitation: { Count: 0 } },
    { Limitation: { Count: 1001 } },
    { Limitation: { Count: '10' } }
  ]) {
    t.equal(
      ask(`${base}customers/getAll`, { ...customers, ...wrong }).status,
      400,
      JSON.stringify(wrong).slice(0, 40)
    )
  }
})

t.test('the newest come first, a page at a time, with a cursor until nothing is left', async t => {
  const question = { ...customers, ActivityStates: ['Active', 'Deleted'] }
  const page = (Cursor?: string) =>
    ask(`${base}customers/getAll`, { ...question, Limitation: { Count: 1, Cursor } })
  t.match(page().body, { Customers: [{ Id: ids.companion }], Cursor: ids.companion })
  t.match(page(ids.companion).body, { Customers: [{ Id: ids.guest }], Cursor: ids.guest })
  t.strictSame(page(ids.guest).body, { Customers: [], Cursor: null })
})

t.test('what is inactive comes only where it is asked for', async t => {
  t.match(ask(`${base}customers/getAll`, customers).body, { Customers: [{ Id: ids.guest }] })
  const resources = { ...tokens, ResourceIds: [ids.room, ids.other], Limitation: { Count: 10 } }
  const count = (Inactive: boolean) => {
    const { body } = ask(`${base}resources/getAll`, { ...resources, Extent: { Resources: true, Inactive } })
    return (body as { Resources: unknown[] }).Resources.length
  }
  t.equal(count(false), 1)
  t.equal(count(true), 2)
})

t.test('a property that is not known is refused', async t => {
  const get = (EnterpriseId: string) => ask(`${base}configuration/get`, { ...tokens, EnterpriseId })
  t.match(get(ids.enterprise), { status: 200, body: { Enterprise: { Id: ids.enterprise } } })
  t.equal(get(ids.other).status, 400)
})
