import t from 'tap'
import {
  entriesOf,
  guestByEmail,
  idOf,
  isFlag,
  isTrue,
  isTrueInAnyCase,
  localDate,
  localMoment,
  membersOf,
  phoneTold,
  placeHour,
  placeNamed,
  positionOf,
  textNamed,
  told,
  unlessEmpty
} from '../../src/platforms/told.ts'

t.test('of several phone numbers the first that can be one counts, else as any other fact', async t => {
  t.equal(phoneTold('SE', 'n/a', '08-555 014 71', '+46855501470'), '08-555 014 71')
  t.equal(phoneTold(undefined, '08-555 014 71', '+46855501470'), '+46855501470')
  t.equal(phoneTold(undefined, 'n/a', 7), 'n/a')
  t.equal(phoneTold(undefined, 46855501470), '46855501470')
  t.equal(phoneTold(undefined, ' ', undefined), null)
  t.equal(phoneTold(undefined), undefined)
})

t.test('only an object has members, only a list has entries', async t => {
  const entity = { id: 1 }
  t.equal(membersOf(entity), entity)
  for (const nothing of [null, undefined, 'text', 7, [entity]]) t.strictSame(membersOf(nothing), {})
  t.strictSame(entriesOf([entity, 'text', null]), [entity, {}, {}])
  for (const nothing of [null, undefined, 'text', entity]) t.strictSame(entriesOf(nothing), [])
})

t.test('an id is a text or a number', async t => {
  t.equal(idOf(undefined, '', ' 7 ', 8), '7')
  t.equal(idOf(0), '0')
  for (const nothing of [Number.NaN, Number.POSITIVE_INFINITY, true, {}, ' '])
    t.equal(idOf(nothing), undefined)
})

t.test('a number whose digits were lost in parsing is no id, for two of them would be one', async t => {
  t.equal(idOf(JSON.parse('9007199254740991')), '9007199254740991')
  t.equal(idOf(JSON.parse('9007199254740993')), undefined)
  t.equal(idOf('9007199254740993'), '9007199254740993')
  t.equal(idOf(1.5), undefined)
})

t.test('a member is found by the name that is asked for', async t => {
  const members = { pin: ' 4711 ', other: 7 }
  t.equal(textNamed('pin', members), '4711')
  t.equal(textNamed('other', members), undefined)
  t.equal(textNamed('constructor', members), undefined, 'what every object inherits is not told')
  t.equal(textNamed(undefined, members), undefined)
})

t.test('what is true may be told as a number or text', async t => {
  for (const yes of [true, 1, '1', 'true']) {
    t.equal(isTrue(yes), true)
    t.equal(isTrueInAnyCase(yes), true)
  }
  for (const yes of ['TRUE', 'True', ' true ', ' 1 ']) {
    t.equal(isTrue(yes), false)
    t.equal(isTrueInAnyCase(yes), true)
  }
  for (const no of [false, 0, 2, '0', 'false', 'yes', '', null, undefined, {}, ['true']]) {
    t.equal(isTrue(no), false)
    t.equal(isTrueInAnyCase(no), false)
  }
})

t.test('what is not true may be told as such, or not be told', async t => {
  for (const said of [true, false, 1, 0, '1', '0', 'true', 'False', ' false ', ''])
    t.equal(isFlag(said), true)
  for (const silence of [2, 'off', null, undefined, {}, [], ['true']]) t.equal(isFlag(silence), false)
})

t.test('told that there is none is not the same as not told', async t => {
  t.equal(told('', 'a', null), 'a')
  t.equal(told(7), '7')
  t.equal(told(1.5), '1.5')
  t.equal(told(undefined, null), null)
  t.equal(told(' '), null)
  t.equal(told(undefined, {}), undefined)
})

t.test('a local date is a day that exists, whatever stands behind it', async t => {
  t.equal(localDate('2026-05-21'), '2026-05-21')
  t.equal(localDate('2026-05-21T00:00:00'), '2026-05-21')
  t.equal(localDate('2024-02-29 10:00'), '2024-02-29')
  for (const none of ['2026-02-29', '2026-13-01', '2026-05-211', '21.5.2026', '', null, 7, undefined])
    t.equal(localDate(none), undefined)
})

t.test('a moment has the hour where one is told, and is none without a day', async t => {
  t.strictSame(localMoment('2026-05-21', '9:30'), { date: '2026-05-21', time: '09:30' })
  t.strictSame(localMoment('2026-05-21', '15:00:00'), { date: '2026-05-21', time: '15:00' })
  for (const none of ['', null, undefined, '24:00', 15]) {
    t.strictSame(localMoment('2026-05-21', none), { date: '2026-05-21' })
  }
  t.equal(localMoment('soon', '15:00'), null)
})

t.test('the hour of a place has hours and minutes', async t => {
  t.equal(placeHour('15:00:30'), '15:00')
  t.equal(placeHour('noon'), undefined)
})

t.test('half of a position is none', async t => {
  t.strictSame(positionOf(48.2, '16.4'), { latitude: 48.2, longitude: 16.4 })
  t.strictSame(positionOf(0, 0), { latitude: 0, longitude: 0 })
  for (const [north, east] of [
    [undefined, 16.4],
    [48.2, null],
    [91, 0],
    [0, -181],
    ['north', 0]
  ]) {
    t.equal(positionOf(north, east), undefined)
  }
})

t.test('a guest of whom all is empty is not told, one who is known by anything is', async t => {
  const empty = { id: undefined, name: undefined, email: null, phone: null }
  t.strictSame(unlessEmpty(empty), {})
  for (const known of [
    { id: 'g1' },
    { name: 'Ada' },
    { email: 'ada@example.com' },
    { phone: '+12125550101' }
  ]) {
    const guest = { ...empty, ...known }
    t.equal(unlessEmpty(guest), guest)
  }
})

t.test(
  'where the e-mail tells guests apart, one without it is not told, unless that there is none',
  async t => {
    const ada = { name: 'Ada', email: 'ada@example.com', phone: null }
    t.strictSame(guestByEmail(ada), ada)
    t.strictSame(guestByEmail({ ...ada, email: null }), { ...ada, email: null })
    t.strictSame(guestByEmail({ ...ada, email: undefined }), { ...ada, email: undefined, unidentified: true })
    t.strictSame(guestByEmail({ name: undefined, email: undefined, phone: null }), {})
  }
)

t.test(
  'a place that is left out, or cannot be read, is not told; null and an empty text say that there is none',
  async t => {
    t.strictSame(placeNamed(undefined, 7), ['7'])
    for (const none of [null, '', ' ']) t.strictSame(placeNamed(none), [])
    for (const untold of [undefined, {}, [], true]) t.equal(placeNamed(untold), undefined)
  }
)
