import fc from 'fast-check'
import t from 'tap'
import { sameEmail, usableCode, usableEmail, usablePhone } from '../../src/model/contact.ts'

t.test('phones become E.164 or are left out', async t => {
  t.equal(usablePhone('+1 (212) 555-0101', undefined), '+12125550101')
  t.equal(usablePhone('0151 55500011', 'DE'), '+4915155500011')
  t.equal(usablePhone('0046 8 555 01 47', undefined), '+4685550147')
  t.equal(usablePhone('46855501470', undefined), '+46855501470')
  for (const none of [undefined, null, '', '  ', '12', 'call me', '+1 555', '555-0101']) {
    t.equal(usablePhone(none, 'US'), undefined, String(none))
  }
})

t.test('digits without a plus are read as national first, then as international', async t => {
  t.equal(usablePhone('2125550101', 'US'), '+12125550101')
  t.equal(usablePhone('351912345678', 'US'), '+351912345678')
})

t.test('a number that is possible and not valid is left out', async t => {
  t.equal(usablePhone('+1 111 111 1111', 'US'), undefined)
})

t.test('e-mail addresses that can be one pass, trimmed; others do not', async t => {
  t.equal(usableEmail(' Ada@Example.com '), 'Ada@Example.com')
  t.equal(usableEmail('a.b+c@mail.example.co.uk'), 'a.b+c@mail.example.co.uk')
  const bad = [
    undefined,
    null,
    '',
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'a b@example.com',
    'a@b@c.de',
    'a@b..c'
  ]
  for (const none of [...bad, `${'x'.repeat(250)}@example.com`])
    t.equal(usableEmail(none), undefined, String(none).slice(0, 20))
})

t.test('letter case makes no other address', async t => {
  t.equal(sameEmail('Ada@Example.COM'), sameEmail('ada@example.com'))
})

t.test('a code is 4 to 9 digits', async t => {
  t.equal(usableCode(' 0042 '), '0042')
  t.equal(usableCode('123456789'), '123456789')
  for (const none of [undefined, null, '', '123', '1234567890', '12a4', '1234#', '١٢٣٤'])
    t.equal(usableCode(none), undefined)
})

t.test(
  'whatever is written, what comes out is what Seam takes, and stays the same when read again',
  async t => {
    const digits = fc.stringMatching(/^(?:\+|00)?[0-9 ()./-]{0,24}$/)
    const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), digits, fc.emailAddress())
    const country = fc.constantFrom(undefined, 'US', 'DE', 'JP', 'XX', '')
    fc.assert(
      fc.property(anything, country, (text, country) => {
        const phone = usablePhone(text, country)
        if (phone !== undefined && !/^\+[1-9]\d{3,14}$/.test(phone)) return false
        if (phone !== undefined && usablePhone(phone, country) !== phone) return false
        const email = usableEmail(text)
        if (email !== undefined && (/\s/.test(email) || usableEmail(email) !== email)) return false
        const code = usableCode(text)
        return code === undefined || /^[0-9]{4,9}$/.test(code)
      }),
      { numRuns: 300 }
    )
    t.pass()
  }
)
