import type { Test } from 'tap'
import type { Contact } from '../../src/store/contacts.ts'
import type { ResourceRef } from '../../src/store/resources.ts'
import { aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

const email: Contact = { type: 'email', value: 'ada@example.com' }
const phone: Contact = { type: 'phone', value: '+12125550101' }
const ada: ResourceRef = { kind: 'guest', key: 'lakeside:g1' }
const twin: ResourceRef = { kind: 'guest', key: 'hillside:g7' }

export function contactsContract(t: Test, engine: Engine): void {
  t.test('a contact detail has one owner in the workspace, and who comes second is told so', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { contacts } = queries
    t.same(await contacts.owners('default', [email]), [])
    t.ok((await store.commit(contacts.claim(lane, ada, email))).committed)
    t.ok(
      (await store.commit(contacts.claim(lane, ada, email))).committed,
      'claiming one’s own again is harmless'
    )
    t.notOk((await store.commit(contacts.claim(otherLane, twin, email))).committed)
    t.same(await contacts.owners('default', [email]), [{ ...email, ...lane, ...ada }])
    t.same(await contacts.owners('eu', [email]), [], 'another workspace is another world')
    t.ok((await store.commit(contacts.claim(otherLane, twin, phone))).committed)
  })

  t.test('of two who claim at once one gets it', async t => {
    const { store, queries } = await emptyRooms(engine)
    const claims = await Promise.all([
      store.commit(queries.contacts.claim(lane, ada, email)),
      store.commit(queries.contacts.claim(otherLane, twin, email))
    ])
    t.same(claims.map(each => each.committed).sort(), [false, true])
  })

  t.test('whoever waits is drawn again once the owner lets go', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { contacts, resources } = queries
    await store.commit(contacts.claim(lane, ada, email))
    t.ok((await store.commit([contacts.wait(otherLane, twin, email)])).committed)
    t.same(await contacts.ofGuests(otherLane, [twin.key]), [{ ...email, state: 'waiting', ...twin }])
    await store.commit(contacts.release(lane, ada, email))
    t.same(await contacts.owners('default', [email]), [])
    t.same(await resources.toRedraw(10), [{ ...otherLane, ...twin, asked: 1 }])
    t.ok((await store.commit(contacts.claim(otherLane, twin, email))).committed)
    t.same(
      await contacts.ofGuests(otherLane, [twin.key]),
      [{ ...email, state: 'owner', ...twin }],
      'who waited owns it now'
    )
  })

  t.test('whoever waits may rest upon the owner that was seen, while it is the owner', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { contacts } = queries
    await store.commit(contacts.claim(lane, ada, email))
    const owner = { ...lane, ...ada }
    t.ok((await store.commit([contacts.stillOwned(owner, email)])).committed)
    t.notOk((await store.commit([contacts.stillOwned({ ...otherLane, ...twin }, email)])).committed)
    await store.commit(contacts.release(lane, ada, email))
    t.notOk((await store.commit([contacts.stillOwned(owner, email)])).committed)
  })

  t.test('nothing is let go upon a row that has moved on since it was seen', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { contacts, resources } = queries
    const seen = { revision: 3, offered: 0 } as const
    await store.commit(contacts.claim(lane, ada, email))
    const row = { ...aResource(ada.key), kind: ada.kind }
    await store.commit([resources.upsert([{ ...row, revision: 4 }])])
    await store.commit(contacts.release(lane, ada, email, seen))
    t.same(await contacts.owners('default', [email]), [{ ...email, ...lane, ...ada }])
    await store.commit([resources.upsert([{ ...row, revision: 3 }])])
    await store.commit(contacts.release(lane, ada, email, seen))
    t.same(await contacts.owners('default', [email]), [])
  })

  t.test('one cannot wait for what nobody has: the commit is undone, to be decided again', async t => {
    const { store, queries } = await emptyRooms(engine)
    t.same(await store.commit([queries.contacts.wait(otherLane, twin, email)]), { committed: false })
  })

  t.test('the owners of several contact details are read at once', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { contacts } = queries
    await store.commit([
      ...contacts.claim(lane, ada, email),
      ...contacts.claim(otherLane, twin, phone),
      contacts.wait(otherLane, twin, email)
    ])
    t.same(await contacts.owners('default', [phone, email, { ...email, value: 'nobody@example.com' }]), [
      { ...email, ...lane, ...ada },
      { ...phone, ...otherLane, ...twin }
    ])
    t.same(await contacts.owners('default', []), [])
    t.same(await contacts.owners('eu', [email]), [])
  })

  t.test('the contact details of several guests are read at once', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { contacts } = queries
    const bob: ResourceRef = { kind: 'tenant', key: 'lakeside:t1' }
    await store.commit([...contacts.claim(lane, ada, email), ...contacts.claim(lane, bob, phone)])
    const found = await contacts.ofGuests(lane, [ada.key, bob.key, 'nobody'])
    t.same(
      found.sort((a, b) => (a.key < b.key ? -1 : 1)),
      [
        { ...email, state: 'owner', ...ada },
        { ...phone, state: 'owner', ...bob }
      ]
    )
    t.same(await contacts.ofGuests(otherLane, [ada.key]), [])
    t.same(await contacts.ofGuests(lane, []), [])
  })
}
