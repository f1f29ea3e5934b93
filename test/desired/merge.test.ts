import t from 'tap'
import {
  type Change,
  cancelled,
  merge,
  notPushed,
  remove,
  type Stay,
  stays,
  upsertGuest,
  upsertPlace
} from '../../src/model/change.ts'
import { openDesired, saidOf, stayOf } from './open-desired.ts'

const relay = await openDesired(t)

const startingOn = (day: number): Partial<Stay> => ({ start: { instant: `2027-03-${day}T15:00:00Z` } })

/** Which day the stays at Seam start, by key. */
async function startsOf(): Promise<Record<string, number>> {
  const rows = [...(await relay.all()).values()].filter(row => row.kind === 'reservation' && row.fields)
  return Object.fromEntries(rows.map(row => [row.key, Number(String(row.fields?.starts_at).slice(8, 10))]))
}

/** Every order of a few. */
function ordersOf<T>(list: T[]): T[][] {
  if (list.length < 2) return [list]
  return list.flatMap((first, index) => ordersOf(list.toSpliced(index, 1)).map(rest => [first, ...rest]))
}

/** In whatever order these are processed, as deliveries received in the order given. */
async function inAnyOrder(deliveries: Change[][], look: () => Promise<unknown>): Promise<void> {
  for (const order of ordersOf(deliveries.map((changes, index) => ({ changes, id: `d${index}` })))) {
    relay.anew()
    for (const { changes, id } of order) await relay.take(saidOf(relay.connections[0], id, changes))
    await look()
  }
}

t.test('a set that grows and shrinks: the latest one counts, in any order', async t => {
  const sets = [
    [stays('b1', 1, [stayOf('b1_1')])],
    [stays('b1', 2, [stayOf('b1_1', startingOn(13)), stayOf('b1_2')])],
    [stays('b1', 3, [stayOf('b1_2', startingOn(14)), stayOf('b1_3')])]
  ]
  await inAnyOrder(sets, async () => {
    t.same(await startsOf(), { 'lake:b1_2': 14, 'lake:b1_3': 12 })
  })
})

t.test(
  'a stay keeps its places and its guest where a later set tells nothing of them, in any order',
  async t => {
    // Members without a value say no more than a guest who is left out.
    for (const guest of [undefined, { id: undefined, name: undefined, email: undefined, phone: undefined }]) {
      const untold = { places: undefined, guest, ...startingOn(13) }
      await inAnyOrder(
        [[stays('b1', 1, [stayOf('b1')])], [stays('b1', 2, [stayOf('b1', untold)])]],
        async () => {
          t.match((await relay.see('lake:b1'))?.fields, {
            space_keys: ['lake:p1'],
            guest_key: 'lake:g1',
            starts_at: '2027-03-13T15:00:00Z'
          })
          t.notOk((await relay.see('lake:guest-of-b1'))?.fields, 'the guest of its own is not needed')
        }
      )
    }
  }
)

t.test('a guest of whom is not told whether it is another one changes nobody, in any order', async t => {
  const guest = { name: 'Noor', phone: '+12125550101', unidentified: true }
  await inAnyOrder(
    [[stays('b1', 1, [stayOf('b1')])], [stays('b1', 2, [stayOf('b1', { guest })])]],
    async () => t.match((await relay.see('lake:b1'))?.fields, { guest_key: 'lake:g1' })
  )
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1', { guest })])])
  t.match((await relay.see('lake:b1'))?.fields, { guest_key: 'lake:guest-of-b1' })
  t.match((await relay.see('lake:guest-of-b1'))?.fields, { name: 'Noor', phone_number: '+12125550101' })
})

t.test('a guest who is told to have no contact is not the one whom the stay had', async t => {
  const unreachable = { email: null, phone: null }
  await inAnyOrder(
    [[stays('b1', 1, [stayOf('b1')])], [stays('b1', 2, [stayOf('b1', { guest: unreachable })])]],
    async () => t.match((await relay.see('lake:b1'))?.fields, { guest_key: 'lake:guest-of-b1' })
  )
})

t.test('a stay of which no guest was ever told has one of its own, and without a place it waits', async t => {
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1', { guest: undefined, name: 'HM1' })])])
  t.match((await relay.see('lake:b1'))?.fields, { guest_key: 'lake:guest-of-b1' })
  t.match((await relay.see('lake:guest-of-b1'))?.fields, { name: 'HM1' })
  await relay.say([stays('b2', 1, [stayOf('b2', { places: undefined })])])
  t.match((await relay.see('lake:b2'))?.held, /no room/)
})

t.test('a stay that two bookings name belongs to the one that named it last, in any order', async t => {
  const first = [stays('b1', 1, [stayOf('s1')])]
  const second = [stays('b2', 2, [stayOf('s1', startingOn(13)), stayOf('s2')])]
  await inAnyOrder([first, second], async () => t.same(await startsOf(), { 'lake:s1': 13, 'lake:s2': 12 }))
  const firstWithout = [stays('b1', 3, [stayOf('s3')])]
  await inAnyOrder([first, second, firstWithout], async () =>
    t.same(await startsOf(), { 'lake:s1': 13, 'lake:s2': 12, 'lake:s3': 12 })
  )
  await inAnyOrder([first, second, firstWithout, [cancelled('b2', 4)]], async () =>
    t.same(await startsOf(), { 'lake:s3': 12 })
  )
  await inAnyOrder([first, second, [cancelled('b2', 3)], [stays('b1', 4, [stayOf('s1')])]], async () =>
    t.same(await startsOf(), { 'lake:s1': 12 })
  )
})

t.test('what one booking told of a stay is not the other one’s', async t => {
  const told = [stays('b1', 1, [stayOf('s1', { preferredCode: '4711' })])]
  const other = [stays('b2', 2, [stayOf('s1')])]
  const again = [stays('b1', 3, [stayOf('s1')])]
  const code = async () => (await relay.see('lake:s1'))?.fields?.preferred_code
  await inAnyOrder([told, again], async () => t.equal(await code(), '4711'))
  await inAnyOrder([told, other], async () => t.equal(await code(), undefined))
  await inAnyOrder([told, other, again], async () => t.equal(await code(), undefined))
})

t.test('a late update does not bring a cancelled booking back, and a newer one does', async t => {
  const booked = [stays('b1', 1, [stayOf('b1')])]
  const moved = [stays('b1', 2, [stayOf('b1', startingOn(13))])]
  const off = [cancelled('b1', 3)]
  await inAnyOrder([booked, moved, off], async () => t.same(await startsOf(), {}))
  await inAnyOrder([booked, off, [stays('b1', 4, [stayOf('b1', startingOn(14))])]], async () =>
    t.same(await startsOf(), { 'lake:b1': 14 })
  )
})

t.test('what was told before a cancellation does not fill what is told after it', async t => {
  const booked = [stays('b1', 1, [stayOf('b1', { preferredCode: '4711' })])]
  const again = [stays('b1', 3, [stayOf('b1')])]
  await inAnyOrder([booked, [cancelled('b1', 2)], again], async () => {
    t.equal((await relay.see('lake:b1'))?.fields?.preferred_code, undefined)
  })
})

t.test('what a later set does not tell is filled from the one before', async t => {
  const booked = [stays('b1', 1, [stayOf('b1', { preferredCode: '4711', name: 'Room 4' })])]
  const moved = [stays('b1', 2, [stayOf('b1', { ...startingOn(13), name: null })])]
  await inAnyOrder([booked, moved], async () => {
    t.match((await relay.see('lake:b1'))?.fields, {
      starts_at: '2027-03-13T15:00:00Z',
      preferred_code: '4711',
      name: 'Ada Lovelace'
    })
  })
})

t.test('on equal versions the cancellation wins, whichever was received or processed later', async t => {
  const booked = [stays('b1', 7, [stayOf('b1')])]
  const off = [cancelled('b1', 7)]
  for (const received of [
    [booked, off],
    [off, booked]
  ])
    await inAnyOrder(received, async () => t.same(await startsOf(), {}))
})

t.test(
  'on equal versions the delivery received later wins, also when the older one is processed last',
  async t => {
    const first = [stays('b1', 7, [stayOf('b1')])]
    const second = [stays('b1', 7, [stayOf('b1', startingOn(13))])]
    await inAnyOrder([first, second], async () => t.same(await startsOf(), { 'lake:b1': 13 }))
    await inAnyOrder([second, first], async () => t.same(await startsOf(), { 'lake:b1': 12 }))
  }
)

t.test('of a request and its confirmation of the same version, the one received later counts', async t => {
  const request = [notPushed('b1', 7, 'request')]
  const confirmed = [stays('b1', 7, [stayOf('b1')])]
  await inAnyOrder([request, confirmed], async () => t.same(await startsOf(), { 'lake:b1': 12 }))
  await inAnyOrder([confirmed, request], async () => t.same(await startsOf(), {}))
})

t.test('rooms swapped at the same version leave one stay', async t => {
  const first = [stays('b1', 7, [stayOf('b1_1')])]
  const second = [stays('b1', 7, [stayOf('b1_2', { places: ['p2'] })])]
  await inAnyOrder([first, second], async () => t.same(await startsOf(), { 'lake:b1_2': 12 }))
})

t.test('within a delivery the later change wins a tie', async t => {
  const both = [stays('b1', 7, [stayOf('b1')]), stays('b1', 7, [stayOf('b1', startingOn(13))])]
  await inAnyOrder([both], async () => t.same(await startsOf(), { 'lake:b1': 13 }))
})

t.test('a part does not take away the e-mail; the whole, and null, do', async t => {
  const guest = { id: 'g1', name: 'Ada', email: 'ada@example.com' }
  const booked = [stays('b1', 1, [stayOf('b1', { guest })])]
  const emailAfter = (changes: Change[], expected: string | undefined) =>
    inAnyOrder([booked, changes], async () =>
      t.equal((await relay.see('lake:g1'))?.fields?.email_address, expected)
    )
  await emailAfter([upsertGuest('g1', 2, { name: 'Ada King' })], 'ada@example.com')
  await emailAfter(
    [stays('b1', 2, [stayOf('b1', { guest: { id: 'g1', name: 'Ada King' } })])],
    'ada@example.com'
  )
  await emailAfter([upsertGuest('g1', 2, { name: 'Ada King' }, true)], undefined)
  await emailAfter([upsertGuest('g1', 2, { email: null })], undefined)
})

t.test('a guest with a clock of its own is told by that clock, not by the booking’s', async t => {
  const renamed = [upsertGuest('g1', 5, { name: 'Ada King' })]
  const booked = [stays('b1', 9, [stayOf('b1', { guest: { id: 'g1', name: 'Ada Lovelace', version: 4 } })])]
  await inAnyOrder([renamed, booked], async () =>
    t.equal((await relay.see('lake:g1'))?.fields?.name, 'Ada King')
  )
})

t.test('a place that was removed is back with a newer word, and not with an older one', async t => {
  const booked = [stays('b1', 1, [stayOf('b1')])]
  const told = [upsertPlace('p1', 2, { name: 'Loft' })]
  const removed = [remove('place', 'p1', 3)]
  await inAnyOrder([booked, told, removed], async () => {
    t.match(await relay.see('lake:b1'), { fields: null, held: /removed/ })
    t.equal((await relay.see('lake:p1'))?.fields, null)
  })
  await inAnyOrder([booked, removed, [upsertPlace('p1', 4, { name: 'Attic' })]], async () => {
    t.same(await startsOf(), { 'lake:b1': 12 })
    t.equal((await relay.see('lake:p1'))?.fields?.name, 'Attic')
  })
})

t.test('a guest’s removal at the platform takes nothing from a stay that needs them', async t => {
  const booked = [stays('b1', 1, [stayOf('b1', { guest: { id: 'g1', name: 'Ada' } })])]
  await inAnyOrder([booked, [remove('guest', 'g1', 2)]], async () => {
    t.same((await relay.see('lake:g1'))?.fields, { guest_key: 'lake:g1', name: 'Ada' })
  })
})

t.test('stays follow a merged place, also into one that nobody ever told of', async t => {
  const booked = [stays('b1', 1, [stayOf('b1')])]
  const merged = [merge('place', 'p1', 'p9', 2)]
  await inAnyOrder([booked, merged], async () => {
    t.same((await relay.see('lake:b1'))?.fields?.space_keys, ['lake:p9'])
    t.equal((await relay.see('lake:p1'))?.fields, null)
    t.ok((await relay.see('lake:p9'))?.fields)
  })
})

t.test('a stay follows a merged guest, also one that a later booking still names by the old id', async t => {
  const merged = [merge('guest', 'g1', 'g9', 2)]
  const booked = [stays('b1', 3, [stayOf('b1', { guest: { id: 'g1', name: 'Ada' } })])]
  await inAnyOrder([merged, booked], async () => {
    t.equal((await relay.see('lake:b1'))?.fields?.guest_key, 'lake:g9')
    t.ok((await relay.see('lake:g9'))?.fields)
    t.equal((await relay.see('lake:g1'))?.fields, null)
  })
})

t.test('merges are followed to the end of the chain', async t => {
  const chain = [1, 2, 3].map(step => [merge('place', `p${step}`, `p${step + 1}`, step)])
  await inAnyOrder([[stays('b1', 9, [stayOf('b1')])], ...chain], async () =>
    t.same((await relay.see('lake:b1'))?.fields?.space_keys, ['lake:p4'])
  )
  relay.anew()
  await relay.say([stays('b1', 9, [stayOf('b1')])])
  for (let step = 1; step < 30; step += 1) await relay.say([merge('place', `p${step}`, `p${step + 1}`, step)])
  t.same((await relay.see('lake:b1'))?.fields?.space_keys, ['lake:p30'])
})

t.test('what was merged away and is merged into later lives on, so merges never go in a circle', async t => {
  const booked = [stays('b1', 1, [stayOf('b1'), stayOf('b1_2', { places: ['p2'] })])]
  const there = [merge('place', 'p1', 'p2', 2)]
  const back = [merge('place', 'p2', 'p1', 3)]
  await inAnyOrder([booked, there, back], async () => {
    t.same((await relay.see('lake:b1'))?.fields?.space_keys, ['lake:p1'])
    t.same((await relay.see('lake:b1_2'))?.fields?.space_keys, ['lake:p1'])
    t.ok((await relay.see('lake:p1'))?.fields)
    t.equal((await relay.see('lake:p2'))?.fields, null)
  })
})

t.test('a merge into itself is none', async t => {
  await inAnyOrder([[merge('place', 'p1', 'p1', 2)], [stays('b1', 1, [stayOf('b1')])]], async () =>
    t.ok((await relay.see('lake:p1'))?.fields)
  )
})

t.test('stays follow a merged place that was removed, at once or later', async t => {
  const booked = [stays('b1', 1, [stayOf('b1')])]
  const merged = [merge('place', 'p1', 'p2', 2)]
  for (const at of [2, 3]) {
    await inAnyOrder([booked, merged, [remove('place', 'p1', at)]], async () => {
      t.same((await relay.see('lake:b1'))?.fields?.space_keys, ['lake:p2'])
      t.equal((await relay.see('lake:p1'))?.fields, null)
    })
  }
  const back = [merge('place', 'p2', 'p1', 4)]
  await inAnyOrder([booked, merged, [remove('place', 'p1', 3)], back], async () =>
    t.same((await relay.see('lake:b1'))?.fields?.space_keys, ['lake:p1'])
  )
})

t.test('a merge that was voided by a removal is forgotten, and the place is back as itself', async t => {
  const booked = [stays('b1', 1, [stayOf('b1')])]
  const merged = [merge('place', 'p1', 'p2', 2)]
  const removed = [remove('place', 'p1', 3)]
  const back = [upsertPlace('p1', 4, { name: 'Loft' })]
  await inAnyOrder([booked, merged, removed, back], async () =>
    t.same((await relay.see('lake:b1'))?.fields?.space_keys, ['lake:p1'])
  )
})
