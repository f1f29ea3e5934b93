import t from 'tap'
import { bookingOf } from './reservation-body.ts'

const tom = {
  id: 901,
  listingUnitId: 4401,
  guestName: 'Tom Verhoeven',
  guestFirstName: 'Tom',
  guestLastName: 'Verhoeven'
}
const els = {
  id: 902,
  listingUnitId: 4402,
  guestName: 'Els Verhoeven',
  guestFirstName: 'Els',
  guestLastName: 'Verhoeven'
}
const ines = { name: 'Ines Duarte', email: 'ines@example.com', phone: '+351912345678' }

async function guestsOf(reservationUnit: unknown[], changed: Record<string, unknown> = {}) {
  const { stays } = await bookingOf({ reservationUnit, ...changed })
  return Object.fromEntries(stays.map(stay => [stay.id, stay.guest]))
}

t.test(
  'each unit is a stay of its own, with the unit as its place and the booking’s dates and code',
  async t => {
    const { stays } = await bookingOf({ reservationUnit: [tom, els] })
    t.strictSame(
      stays.map(({ id, places, start, end, preferredCode }) => ({ id, places, start, end, preferredCode })),
      ['901', '902'].map((row, position) => ({
        id: `51200001_${row}`,
        places: [position === 0 ? '4401' : '4402'],
        start: { date: '2026-01-10', time: '16:00' },
        end: { date: '2026-01-13' },
        preferredCode: '4821'
      }))
    )
  }
)

t.test('an only unit has a suffix too, so that its key stays when the booking grows', async t => {
  const { stays } = await bookingOf({ reservationUnit: [tom] })
  t.match(stays, [{ id: '51200001_901', places: ['4401'] }])
})

t.test('an empty list of units may mean that it was left out: the listing is the place', async t => {
  for (const reservationUnit of [[], null, undefined]) {
    t.match((await bookingOf({ reservationUnit })).stays, [{ id: '51200001', places: ['310042'] }])
  }
})

t.test('a row without an id goes by its unit, a row without a unit has no place yet', async t => {
  const { stays } = await bookingOf({
    reservationUnit: [{ listingUnitId: 4401 }, { id: 902, listingUnitId: null }, { id: null }]
  })
  t.match(stays, [
    { id: '51200001_4401', places: ['4401'] },
    { id: '51200001_902', places: [] }
  ])
  t.equal(stays.length, 2, 'and a row with neither cannot be told apart')
})

t.test('the booker’s e-mail goes to the unit that names the booker, under the booker’s name', async t => {
  t.strictSame(await guestsOf([tom, { ...els, guestName: 'ines  DUARTE' }]), {
    '51200001_901': { name: 'Tom Verhoeven', email: null, phone: null },
    '51200001_902': ines
  })
  t.strictSame(
    await guestsOf([tom, { id: 902, guestName: 'Ines', guestFirstName: 'Ines', guestLastName: 'Duarte' }]),
    { '51200001_901': { name: 'Tom Verhoeven', email: null, phone: null }, '51200001_902': ines },
    'written as two names too'
  )
})

t.test('a booker in several units is one person with one e-mail', async t => {
  const both = await guestsOf([
    { ...tom, guestName: 'Ines Duarte' },
    { id: 902, listingUnitId: 4402 }
  ])
  t.strictSame(both, { '51200001_901': ines, '51200001_902': ines }, 'a unit that names nobody is theirs')
})

t.test(
  'where no unit names the booker, the first by id is the booker’s, and no two people share an e-mail',
  async t => {
    const guests = {
      '51200001_901': ines,
      '51200001_902': { name: 'Els Verhoeven', email: null, phone: null }
    }
    t.strictSame(await guestsOf([tom, els]), guests)
    t.strictSame(await guestsOf([els, tom]), guests, 'in whatever order the units come')
  }
)

t.test('where the booker cannot be reached anyway, every unit keeps its own guest', async t => {
  t.strictSame(await guestsOf([tom, els], { guestEmail: null, phone: '' }), {
    '51200001_901': { name: 'Tom Verhoeven', email: null, phone: null },
    '51200001_902': { name: 'Els Verhoeven', email: null, phone: null }
  })
  t.strictSame((await guestsOf([tom, els], { guestEmail: null }))['51200001_901'], { ...ines, email: null })
})

t.test('the guest of an only unit is the booker, however the unit spells the name', async t => {
  t.strictSame(await guestsOf([{ ...tom, guestName: 'I. Duarte' }]), { '51200001_901': ines })
})
