import t from 'tap'
import { letGo } from '../../src/desired/let-go.ts'
import { cancelled, merge, stays, upsertGuest } from '../../src/model/change.ts'
import { connectionOf, laneOf, openDesired, saidOf, stayOf } from './open-desired.ts'

const relay = await openDesired(t)
const ada = 'ada@example.com'
const grace = 'grace@example.com'
const phone = '+12125550101'

const lake = connectionOf()
const hill = connectionOf({ id: 'hill' })
const port = connectionOf({ id: 'port', customerKey: 'port-homes' })

let version = 0

/** One stay, of a guest with these contact details. */
async function book(
  id: string,
  guest: { id: string; name?: string; email?: string | null; phone?: string },
  connectionId?: string
): Promise<void> {
  version += 1
  await relay.say([stays(id, version, [stayOf(id, { guest })])], connectionId)
}

async function cancel(id: string, connectionId?: string): Promise<void> {
  version += 1
  await relay.say([cancelled(id, version)], connectionId)
}

const guestOf = async (key: string) => (await relay.see(key))?.fields?.guest_key
const contactsAt = async (key: string) => {
  const fields = (await relay.see(key))?.fields
  return fields && [fields.email_address, fields.phone_number].filter(each => each !== undefined)
}

t.test('two guests of a customer with one e-mail are one person: both stays name the first', async t => {
  relay.anew([lake, hill])
  await book('b1', { id: 'g1', email: ada, name: 'Ada' })
  await book('b2', { id: 'g2', email: ' ADA@Example.com ' })
  await book('b3', { id: 'g1', email: ada }, 'hill')
  t.same(await Promise.all(['lake:b1', 'lake:b2', 'hill:b3'].map(guestOf)), ['lake:g1', 'lake:g1', 'lake:g1'])
  t.equal(await contactsAt('lake:g2'), null, 'the other one is not at Seam')

  await relay.sent()
  await cancel('b1')
  t.same(await contactsAt('lake:g1'), [ada], 'and stays while anybody needs them')
  await cancel('b2')
  await cancel('b3', 'hill')
  t.equal(await contactsAt('lake:g1'), null)
})

t.test(
  'a person under several ids has the name and the number that were told last, until they are another one',
  async t => {
    relay.anew([lake, connectionOf({ id: 'hill', country: 'US' })])
    const seen = async () => {
      const { fields } = (await relay.see('lake:g1')) ?? {}
      return [fields?.name, fields?.phone_number]
    }
    await book('b1', { id: 'g1', email: ada, name: 'Ada' })
    await book('b2', { id: 'g1', email: ada, name: 'Ada Lovelace', phone: '(212) 555-0101' }, 'hill')
    t.same(await seen(), ['Ada Lovelace', phone], 'as the other account writes numbers')
    version += 1
    await relay.say([upsertGuest('g1', version, { name: ' ', phone: '(212) 555-0102' })], 'hill')
    t.same(await seen(), ['Ada', '+12125550102'], 'though no stay is told of')
    version += 1
    await relay.say([upsertGuest('g1', version, { name: 'Ada King', phone: '12' })], 'lake')
    t.same(await seen(), ['Ada King', '+12125550102'], 'what is no number is none')
    await book('b2', { id: 'g1', email: grace, name: 'Grace' }, 'hill')
    await relay.redraw()
    t.same(await seen(), ['Ada King', undefined])
    t.match(await relay.see('hill:g1'), { fields: { name: 'Grace', phone_number: '+12125550102' } })
  }
)

t.test('whoever is called by two ids keeps no former number, in whatever order both are told', async t => {
  const told = [
    { id: 'g1', phone: '+12125550101' },
    { id: 'g2', phone: '+12125550102' },
    { id: 'g2', phone: '+12125550103' }
  ].map((guest, at) => stays('b1', at + 1, [stayOf('b1', { guest: { email: ada, ...guest } })]))
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0]
  ]) {
    relay.anew([lake])
    for (const at of order) await relay.take(saidOf(relay.connections[0], `d${at}`, told.slice(at, at + 1)))
    await relay.sent()
    t.same(await contactsAt(String(await guestOf('lake:b1'))), [ada, '+12125550103'], String(order))
  }
})

t.test('whoever gets another e-mail is another person from then on', async t => {
  relay.anew([lake])
  await book('b1', { id: 'g1', email: ada })
  await book('b2', { id: 'g2', email: ada })
  await relay.sent()
  await book('b2', { id: 'g2', email: grace })
  t.same([await guestOf('lake:b1'), await guestOf('lake:b2')], ['lake:g1', 'lake:g2'])
  t.same(await contactsAt('lake:g2'), [grace])
})

t.test(
  'where the first of them gets another e-mail, the second keeps theirs once Seam has agreed',
  async t => {
    relay.anew([lake])
    await book('b1', { id: 'g1', email: ada })
    await book('b2', { id: 'g2', email: ada })
    await relay.sent()
    await book('b1', { id: 'g1', email: grace })
    t.same([await guestOf('lake:b1'), await guestOf('lake:b2')], ['lake:g1', 'lake:g2'])
    t.match(await relay.see('lake:g2'), { warnings: [/another guest.*e-mail/] })
    t.same(await contactsAt('lake:g2'), [])
    await relay.sent()
    t.same(await contactsAt('lake:g2'), [ada])
    t.same((await relay.see('lake:g2'))?.warnings, [])
  }
)

t.test(
  'where the first of them gets it back before Seam has heard of anything, they are one person again',
  async t => {
    relay.anew([lake])
    await book('b1', { id: 'g1', email: ada })
    await book('b2', { id: 'g2', email: ada })
    await relay.sent()
    await book('b1', { id: 'g1', email: grace })
    t.equal(await guestOf('lake:b2'), 'lake:g2')
    await book('b1', { id: 'g1', email: ada })
    t.equal(await guestOf('lake:b2'), 'lake:g1')
  }
)

t.test(
  'where the first of them is another person before Seam has heard of them, the others are one at once',
  async t => {
    relay.anew([lake, hill])
    await book('b1', { id: 'g1', email: ada }, 'hill')
    const [lakeNow, hillNow] = relay.connections
    const tell = (connection: typeof lakeNow, id: string, at: number, guest: { id: string; email: string }) =>
      relay.take(saidOf(connection, `e${at}`, [stays(id, version + at, [stayOf(id, { guest })])]))
    // The first alone, the others taken in together.
    await Promise.all([
      tell(lakeNow, 'b9', 1, { id: 'g9', email: 'alan@example.com' }),
      tell(hillNow, 'b1', 2, { id: 'g1', email: grace }),
      tell(hillNow, 'b1', 3, { id: 'g2', email: ada }),
      tell(lakeNow, 'b1', 4, { id: 'g1', email: ada })
    ])
    version += 4
    t.same(await Promise.all(['hill:b1', 'lake:b1'].map(guestOf)), ['hill:g2', 'hill:g2'])
    t.same(await contactsAt('hill:g2'), [ada])
  }
)

t.test(
  'an e-mail that another customer’s guest has is withheld, and given over once they are gone',
  async t => {
    relay.anew([lake, port])
    await book('b1', { id: 'g1', email: ada }, 'port')
    await book('b1', { id: 'g1', email: ada })
    t.same([await contactsAt('port:g1'), await contactsAt('lake:g1')], [[ada], []])
    t.match((await relay.see('lake:g1'))?.warnings, [/another guest of the workspace has this e-mail/])
    await relay.sent()

    await cancel('b1', 'port')
    await relay.redraw()
    t.same(await contactsAt('lake:g1'), [], 'not before Seam has heard of it')
    await relay.sent()
    t.same(await contactsAt('lake:g1'), [ada])
    t.same((await relay.see('lake:g1'))?.warnings, [])
  }
)

t.test('of several who wait, one gets it, and the next when that one is gone', async t => {
  const wood = connectionOf({ id: 'wood', customerKey: 'wood-homes' })
  relay.anew([lake, port, wood])
  for (const id of ['lake', 'port', 'wood']) await book('b1', { id: 'g1', phone }, id)
  const owners = async () => {
    const all = await Promise.all(['lake', 'port', 'wood'].map(id => contactsAt(`${id}:g1`)))
    return all.flatMap((contacts, index) => (contacts?.length ? index : []))
  }
  const seen = [await owners()]
  for (const id of ['lake', 'port', 'wood']) {
    await relay.sent()
    await cancel('b1', id)
    await relay.sent()
    seen.push(await owners())
  }
  t.equal(seen[0]?.length, 1)
  t.ok(seen.slice(0, 3).every(each => each.length === 1))
  t.same(seen[3], [])
})

t.test('a number that another guest has is withheld, in the same customer too', async t => {
  relay.anew([lake])
  await book('b1', { id: 'g1', phone })
  await book('b2', { id: 'g2', phone })
  t.same([await contactsAt('lake:g1'), await contactsAt('lake:g2')], [[phone], []])
  t.match((await relay.see('lake:g2'))?.warnings, [/another guest of the workspace has this phone number/])
  await book('b1', { id: 'g1', phone: '+12125550102' })
  await relay.sent()
  t.same(await contactsAt('lake:g2'), [phone])
})

t.test('a guest who gets another id before Seam heard of the first one keeps the number', async t => {
  for (const [first, second] of [
    ['g1', 'g2'],
    ['g2', 'g1']
  ] as const) {
    relay.anew([lake])
    await book('b1', { id: first, phone })
    await book('b1', { id: second, phone })
    await relay.redraw()
    t.same(await contactsAt(`lake:${second}`), [phone])
  }
})

t.test(
  'what Seam may not forget stays taken: a guest sent without a detail keeps it until they get another',
  async t => {
    relay.anew([lake, port])
    await book('b1', { id: 'g1', email: ada })
    await book('b2', { id: 'g2', email: grace }, 'port')
    await relay.sent()
    await book('b1', { id: 'g1', email: grace })
    await relay.sent()
    t.same(await contactsAt('lake:g1'), [], 'grace has it, so this push says nothing of the e-mail')
    await book('b3', { id: 'g3', email: ada }, 'port')
    await relay.sent()
    t.same(await contactsAt('port:g3'), [], 'Seam may still hold it under the first')

    await cancel('b2', 'port')
    await relay.sent()
    t.same(await contactsAt('lake:g1'), [grace])
    await relay.sent()
    t.same(await contactsAt('port:g3'), [ada])
  }
)

t.test('merged profiles with one e-mail end up as the one that lives on, whichever came first', async t => {
  const told = [stays('b1', 1, [stayOf('b1', { guest: { id: 'g1', email: ada } })])]
  const merged = [upsertGuest('g2', 2, { name: 'Ada King', email: ada }), merge('guest', 'g1', 'g2', 2)]
  for (const order of [
    [told, merged],
    [merged, told]
  ]) {
    relay.anew([lake])
    for (const changes of order) {
      await relay.say(changes)
      await relay.sent()
    }
    await relay.sent()
    t.equal(await guestOf('lake:b1'), 'lake:g2')
    t.same(await contactsAt('lake:g2'), [ada])
    t.equal(await contactsAt('lake:g1'), null)
  }
})

t.test('nobody sleeps through it when a detail comes free while they are being drawn', async t => {
  relay.anew([lake, port])
  await book('b1', { id: 'g1', email: ada }, 'port')
  await book('b1', { id: 'g1', email: ada })
  const { resources } = relay.rooms.queries
  await relay.store.commit([resources.redrawConnection('lake')])
  relay.store.beforeNextCommit = () => book('b1', { id: 'g1', email: grace }, 'port')
  await relay.redraw()
  t.same(await contactsAt('lake:g1'), [ada])
})

t.test('who waits is not forgotten where the owner is drawn in the same step', async t => {
  relay.anew([lake])
  await book('b1', { id: 'g1', phone })
  await book('b2', { id: 'g2', phone })
  await book('b2', { id: 'g0', phone })
  version += 1
  // Both are drawn again; the one that waits comes first, then the owner, who lets go.
  const lane = laneOf(relay.connections[0] ?? lake)
  const said = [cancelled('b1', version)].map((change, changeIndex) => ({
    change,
    connection: relay.connections[0] ?? lake,
    deliveryId: 'd999999',
    eventIndex: 0,
    changeIndex
  }))
  const redraw = ['lake:g0', 'lake:g1'].map(key => ({ kind: 'guest' as const, key, asked: 1 }))
  await relay.desired.apply(lane, { said, redraw, also: [] })
  await relay.redraw()
  t.same(await contactsAt('lake:g0'), [phone])
})

t.test('a detail that is wanted again while Seam’s answer is taken in is not let go', async t => {
  relay.anew([lake, port])
  await book('b1', { id: 'g1', email: ada })
  await relay.sent()
  await book('b1', { id: 'g1', email: grace })
  const lane = laneOf(relay.connections[0] ?? lake)
  const settled = [
    { kind: 'guest' as const, key: 'lake:g1', fields: { guest_key: 'lake:g1', email_address: grace } }
  ]
  const release = await letGo(relay.rooms.queries, lane, settled)
  await book('b1', { id: 'g1', email: ada })
  await relay.store.commit(release)
  await book('b2', { id: 'g2', email: ada }, 'port')
  t.same([await contactsAt('lake:g1'), await contactsAt('port:g2')], [[ada], []])
})

t.test('a detail that is let go while it is wanted again is taken again', async t => {
  relay.anew([lake, port])
  await book('b1', { id: 'g1', email: ada })
  await relay.sent()
  await book('b1', { id: 'g1', email: grace })
  relay.store.beforeNextCommit = async () => {
    const lane = laneOf(relay.connections[0] ?? lake)
    const settled = [
      { kind: 'guest' as const, key: 'lake:g1', fields: { guest_key: 'lake:g1', email_address: grace } }
    ]
    await relay.store.commit(await letGo(relay.rooms.queries, lane, settled))
  }
  await book('b1', { id: 'g1', email: ada })
  await book('b2', { id: 'g2', email: ada }, 'port')
  t.same([await contactsAt('lake:g1'), await contactsAt('port:g2')], [[ada], []])
})

t.test('a detail that is on its way to Seam at that moment is kept until Seam has agreed', async t => {
  relay.anew([lake, port])
  await book('b1', { id: 'g1', email: ada })
  relay.store.beforeNextCommit = async () => {
    const lane = { ...laneOf(relay.connections[0] ?? lake), leaseToken: 0, failures: 0, arrivalAt: null }
    const { outbox } = relay.rooms
    await relay.store.commit([outbox.offer(lane, await outbox.dirtyOthers(lane, 10))])
  }
  await book('b1', { id: 'g1', email: grace })
  await book('b2', { id: 'g2', email: ada }, 'port')
  t.same(await contactsAt('port:g2'), [])
  await relay.sent()
  t.same(await contactsAt('port:g2'), [ada])
})

t.test(
  'an e-mail that is to go to Seam with a guest whose connection is gone is given to nobody else',
  async t => {
    relay.anew([lake, hill])
    await book('b1', { id: 'g1', email: ada })
    relay.connections.splice(0, 1)
    await book('b2', { id: 'g2', email: ada }, 'hill')
    t.same([await contactsAt('lake:g1'), await contactsAt('hill:g2')], [[ada], []])
  }
)

t.test('nothing is let go where nothing is owned, or what Seam agreed to is what is owned', async t => {
  relay.anew([lake])
  await book('b1', { id: 'g1', email: ada, phone })
  const lane = laneOf(relay.connections[0] ?? lake)
  const { queries } = relay.rooms
  const fields = (await relay.see('lake:g1'))?.fields ?? null
  t.same(await letGo(queries, lane, [{ kind: 'guest', key: 'lake:g1', fields }]), [])
  t.same(await letGo(queries, lane, [{ kind: 'resident', key: 'lake:g1', fields: null }]), [])
  t.same(await letGo(queries, lane, [{ kind: 'guest', key: 'lake:g9', fields: null }]), [])
})
