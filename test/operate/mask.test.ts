import fc from 'fast-check'
import t from 'tap'
import {
  maskEmail,
  maskJson,
  maskKey,
  maskName,
  maskPhone,
  maskSeamWords,
  maskText
} from '../../src/operate/mask.ts'

/** Letters of several scripts, some of them two units long. */
const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzäöüßéñçøłабвгдеאבג山田太郎', '𝒜', '👩')
const word = fc.array(letters, { minLength: 3, maxLength: 12 }).map(each => each.join(''))
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map(each => each.join(' '))
/** With nothing in common with the domains below. */
const local = fc.stringMatching(/^[bdfghjkqtuvwyz]{3,12}$/)
const domain = fc.constantFrom('example.com', 'mail.example.com', 'xn--sae-ra.example')
const phone = fc
  .tuple(fc.constantFrom('+', '', '00', '('), fc.stringMatching(/^\d{7,15}$/))
  .map(([sign, digits]) => `${sign}${digits}`)
/** Members of which nobody knows what they hold. */
const member = fc.stringMatching(/^[a-z]{2,10}$/).filter(each => !/id|key|tel|pin|otp/.test(each))

/** Whether three characters in a row of a text are found in another one. */
function survives(original: string, shown: string): boolean {
  const characters = [...original]
  return characters.some((_each, at) => {
    const part = characters.slice(at, at + 3)
    return part.length === 3 && shown.includes(part.join(''))
  })
}

t.test('nothing of a name, of the local part of an address or of a number is left to be known by', t => {
  fc.assert(
    fc.property(name, local, domain, phone, (full, user, host, number) => {
      t.equal(survives(full, maskName(full)), false)
      t.equal(survives(user, maskEmail(`${user}@${host}`)), false)
      t.equal(survives(number.replace(/\D/g, ''), maskPhone(number)), false)
    })
  )
  t.equal(maskName(' Ada Lovelace'), 'A…')
  t.equal(maskName(''), '…')
  t.equal(maskEmail('ada@example.com'), '…@example.com')
  t.equal(maskEmail('ada'), '…')
  t.equal(maskEmail('ada@lovelace'), '…')
  t.equal(maskPhone('+44 20 7946 0958'), '…58')
  t.equal(maskPhone('12345'), '•••')
  t.end()
})

t.test('whatever JSON a platform makes of them, people do not show in it', t => {
  const person = fc.oneof(
    name,
    fc.tuple(local, domain).map(([user, host]) => `${user}@${host}`),
    phone
  )
  const { json } = fc.letrec(tie => ({
    json: fc.oneof(
      { depthSize: 'small' },
      person,
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(member, tie('json'), { maxKeys: 4 })
    )
  }))
  fc.assert(
    fc.property(json, value => {
      const people = textsIn(value)
      const shown = textsIn(maskJson(value)).map(each => each.replace(/@(?:[\w-]+\.)+[\w-]+$/, ''))
      for (const each of people) {
        const own = each.split('@')[0] ?? ''
        if (shown.some(text => survives(own, text))) throw new Error(`${own} in ${shown.join(' | ')}`)
      }
    })
  )
  t.pass()
  t.end()
})

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

t.test('of JSON what tells of nobody is shown, by name and form', t => {
  const value = {
    id: 'res-4711',
    guest_id: 12,
    reservation_key: 'lakeside:48211',
    status: 'confirmed',
    starts_at: '2027-02-01T15:00:00Z',
    check_in: '16:00',
    time_zone: 'Europe/Berlin',
    nights: 3,
    paid: true,
    none: null,
    empty: '',
    country_code: 'DE'
  }
  t.strictSame(maskJson(value), { ...value, country_code: 'D…' })
  t.strictSame(
    maskJson({
      preferred_code: '4711',
      pin: 4711,
      door_key: 'k-1234567',
      email: 'nobody',
      phone_number: 12125550101,
      status: 'Ada Lovelace',
      id: 'Ada',
      seen: 1234567,
      note: 'Call Ada at noon',
      time_zone: 'Ada',
      emails: ['ada@example.com'],
      'Ada Lovelace': 1
    }),
    {
      preferred_code: '•••',
      pin: '•••',
      door_key: '•••',
      email: '…',
      phone_number: '…01',
      status: 'A…',
      id: 'A…',
      seen: '•••',
      note: 'C…',
      time_zone: 'A…',
      emails: ['…@example.com'],
      '…11': '•••'
    }
  )
  t.end()
})

t.test('a place is no person, but a person may stand in it', t => {
  t.strictSame(
    maskJson({ name: 'Beach house, ask ada@example.com', customer_data: { address: 'Quay 4' } }, 'place'),
    { name: 'Beach house, ask …@example.com', customer_data: { address: 'Quay 4' } }
  )
  t.strictSame(maskJson({ custom_metadata: { owner: 'Ada' } }, 'place'), { custom_metadata: { owner: 'A…' } })
  t.end()
})

t.test('words of Seam are masked where they quote a person, in whatever letters, and nowhere else', t => {
  const sent = [
    {
      fields: {
        name: 'Ada',
        email_address: 'ada@example.com',
        starts_at: '2027-02-01T16:00:00Z',
        preferred_code: 47,
        note: ' (sasha?) ',
        custom_metadata: { 'Ada Lovelace': true, empty: '' }
      },
      subject: 'person' as const
    },
    { fields: { name: 'Beach house' }, subject: 'place' as const },
    { fields: null, subject: 'person' as const }
  ]
  const said =
    'Seam push_data: invalid_input: ADA (ada@example.com, Ada Lovelace) at Beach house: 2027-02-01T16:00:00Z, 47 and 470, (Sasha?), (ſasha?), adamant; +44 20 7946 0958'
  t.equal(
    maskSeamWords(said, sent),
    'Seam push_data: invalid_input: A… (…@example.com, …0) at Beach house: 2027-02-01T16:00:00Z, ••• and 470, (…, •••, adamant; …58'
  )
  t.equal(maskSeamWords(said, undefined), 'Seam push_data: invalid_input: …')
  t.equal(maskSeamWords('Seam push_data: not-valid: Ada', undefined), 'Seam push_data: not-valid: …')
  t.equal(maskSeamWords('Seam push_data: status 502', undefined), 'Seam push_data: status 502')
  t.end()
})

t.test('what is nested without end is cut', t => {
  const deep = Array.from({ length: 5_000 }).reduce<unknown>(inner => [inner], 'Ada')
  t.notMatch(JSON.stringify(maskJson(deep)), /Ada/)
  t.end()
})

t.test('words of the relay and of Seam keep what is not a person’s', t => {
  const told =
    'ada@example.com and +44 20 7946 0958: status 401, 2027-02-01T16:00:00Z, b7c1f3f0-6d1e-4a53-9a3c-2f8e2d9a7c11'
  t.equal(
    maskText(told),
    '…@example.com and …58: status 401, 2027-02-01T16:00:00Z, b7c1f3f0-6d1e-4a53-9a3c-2f8e2d9a7c11'
  )
  t.equal(maskKey('lakeside:ada@example.com'), 'lakeside:…@example.com')
  t.equal(maskKey('lakeside:48211'), 'lakeside:48211')
  const long = `${'a'.repeat(100_000)} ${'1 '.repeat(100_000)}`
  const began = performance.now()
  maskText(long)
  t.ok(performance.now() - began < 5_000, 'in a time that grows with the length alone')
  t.end()
})
