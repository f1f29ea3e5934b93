import t from 'tap'
import { searchWordsIn, wordsIn } from '../../src/model/search.ts'
import { serviceOf } from '../api/call.ts'
import type { TestEngine } from '../engines.ts'
import type { TestRelay } from '../open-relay.ts'
import { ask, booking, CONNECTION, KEY, openOperated, tell } from './operator.ts'

interface Hit {
  by: string
  label: string
  resource: { kind: string; key: string }
  stays: { key: string }[]
}

async function hits(relay: TestRelay, q: string, more = ''): Promise<Hit[]> {
  return (await ask(relay, `/search?q=${encodeURIComponent(q)}${more}`)).body.data
}

export function operatorSearch(engine: TestEngine): void {
  t.test('a guest is found by name, address and the end of a number, with the stays', async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, { ...booking, guest: { ...booking.guest, name: 'Ádá Lovelace' } })
    await relay.settle()
    for (const [q, by] of [
      ['lovelace', 'name'],
      ['ADA', 'name'],
      ['love ad', 'name'],
      ['ada@example.com', 'email'],
      ['Ada@', 'email'],
      ['0101', 'phone'],
      ['+1 212 555-0101', 'phone']
    ] as const) {
      const [guest] = (await hits(relay, q)).filter(each => each.resource.kind === 'guest')
      t.match(guest, { by, label: 'Á…', stays: [{ key: /^demo-hospitable:/ }] }, q)
    }
    t.strictSame(await hits(relay, 'grace'), [])
    t.strictSame(await hits(relay, 'ada grace'), [])
    t.strictSame(await hits(relay, '101'), [], 'too short an end')
    t.strictSame(await hits(relay, '!!'), [])
    t.strictSame(await hits(relay, ' '), [])
    t.match(await hits(relay, 'lovelace', '&reveal=true'), [{ label: 'Ádá Lovelace' }])
  })

  t.test('a booking, a listing and a delivery are found by what they are called', async t => {
    const relay = await openOperated(t, { engine })
    const [id] = await tell(relay, booking)
    await relay.settle()
    const { data } = (await ask(relay, '/resources?kind=reservation')).body
    const bare = data[0].key.slice(CONNECTION.length + 1)
    t.match(await hits(relay, bare.slice(0, 8)), [{ by: 'key', resource: { key: data[0].key } }])
    t.match(await hits(relay, data[0].key), [{ by: 'key' }])
    t.match(await hits(relay, 'bleecker'), [
      { by: 'name', label: 'Bleecker p1', resource: { kind: 'space' } }
    ])
    const ofBooking = (await ask(relay, `/search?q=${bare}`)).body.deliveries
    t.match(ofBooking, [{ id }])
    t.match((await ask(relay, `/search?q=${id}`)).body, { data: [], deliveries: [{ id }], notes: [/./, /./] })
  })

  t.test('who is gone, renamed or taken off is not found by the old name', async t => {
    const relay = await openOperated(t, { engine })
    const service = serviceOf(relay, KEY)
    const guest = (name: string) => ({ customer_key: 'acme', guests: [{ guest_key: 'g1', name }] })
    await service.push(guest('Grace Hopper'))
    await relay.settle()
    t.equal((await hits(relay, 'hopper')).length, 1)
    await service.push(guest('Grace Murray'))
    await relay.settle()
    t.strictSame(await hits(relay, 'hopper'), [])
    t.equal((await hits(relay, 'murray')).length, 1)
    await service.delete({ guest_keys: ['g1'] })
    await relay.settle()
    t.strictSame(await hits(relay, 'murray'), [])
    t.match(await hits(relay, 'g1'), [{ by: 'key', label: '' }])
    const left = await relay.store.db.selectFrom('search_words').selectAll().execute()
    t.strictSame(left, [])
  })

  t.test('where very many have a name, it says that there are more', async t => {
    const relay = await openOperated(t, { engine })
    const guests = Array.from({ length: 25 }, (_, at) => ({ guest_key: `g${at}`, name: 'Ada' }))
    await serviceOf(relay, KEY).push({ customer_key: 'acme', guests })
    await relay.settle()
    const { body } = await ask(relay, '/search?q=ada')
    t.equal(body.data.length, 20)
    t.equal(body.more, true)
    t.equal((await hits(relay, 'g1')).length, 11)
    t.equal((await hits(relay, 'g')).length, 20)
  })

  t.test(
    'deliveries are found newest first, whether by their own id or by the booking they tell of',
    async t => {
      const relay = await openOperated(t, { engine })
      const [id] = await tell(relay, booking)
      await relay.settle()
      for (const ends_at of ['2027-03-15T10:00:00Z', '2027-03-16T10:00:00Z']) {
        const stay = { reservation_key: id, starts_at: '2027-03-12T15:00:00Z', ends_at }
        await serviceOf(relay, KEY).push({ customer_key: 'acme', reservations: [stay] })
        await relay.settle()
      }
      const pushed = (await ask(relay, '/deliveries?connection=@callers')).body.data
      t.equal(pushed.length, 2)
      const { deliveries } = (await ask(relay, `/search?q=${id}`)).body
      t.strictSame(
        deliveries.map((each: { id: string }) => each.id),
        [...pushed.map((each: { id: string }) => each.id), id]
      )
    }
  )

  t.test('words are the same however they are written', t => {
    t.strictSame(wordsIn('Jürgen  O’Neill-Ørsted 山田'), ['jurgen', 'o', 'neill', 'ørsted', '山田'])
    t.strictSame(wordsIn(Array.from({ length: 30 }, (_, at) => `w${at}`).join(' ')).length, 12)
    t.strictSame(searchWordsIn(null), [])
    t.strictSame(searchWordsIn({ name: 'Ada', email_address: 'Ada@Example.com', phone_number: '+4912' }), [
      '#2194',
      '@ada@example.com',
      'ada'
    ])
    t.end()
  })
}
