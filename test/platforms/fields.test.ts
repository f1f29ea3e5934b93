import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import {
  firstText,
  Id,
  instantMs,
  joinAddress,
  joinLine,
  joinName,
  Maybe,
  Setting,
  Told
} from '../../src/platforms/fields.ts'

t.test('a member may be missing or null, and nothing else but its type', async t => {
  const schema = Type.Object({ name: Maybe(Type.String()) })
  t.equal(Value.Check(schema, {}), true)
  t.equal(Value.Check(schema, { name: undefined }), true)
  t.equal(Value.Check(schema, { name: null }), true)
  t.equal(Value.Check(schema, { name: 'x' }), true)
  t.equal(Value.Check(schema, { name: 1 }), false)
})

t.test('an id is a number or a text that is not empty', async t => {
  t.equal(Value.Check(Id, 7), true)
  t.equal(Value.Check(Id, 'a'), true)
  t.equal(Value.Check(Id, ''), false)
  t.equal(Value.Check(Id, null), false)
})

t.test('the first text with something in it is taken, trimmed', async t => {
  t.equal(firstText(null, undefined, 5, '', '  ', ' Noor ', 'Other'), 'Noor')
  t.equal(firstText('', null), undefined)
  t.equal(firstText(), undefined)
})

t.test('a name is joined of the parts that are told', async t => {
  t.equal(joinName(' Noor ', 'Haddad'), 'Noor Haddad')
  t.equal(joinName(null, 'Haddad'), 'Haddad')
  t.equal(joinName('Noor', '  ', undefined), 'Noor')
  t.equal(joinName(null, '', 3), undefined)
})

t.test('an address is one line of the parts that are told', async t => {
  t.equal(joinAddress(' 12 Quay Road ', '', null, 'Gothenburg', {}, []), '12 Quay Road, Gothenburg')
  t.equal(joinAddress('Marktgasse 2', joinLine(1010, 'Wien')), 'Marktgasse 2, 1010 Wien')
  t.equal(joinAddress('Marktgasse 2', 'Wien', 1010), 'Marktgasse 2, Wien, 1010')
  t.equal(joinAddress(undefined, ' '), undefined)
  t.equal(joinAddress(), undefined)
})

t.test('what is read with care may be anything, or missing', async t => {
  const schema = Type.Object({ name: Told })
  for (const name of [undefined, null, 7, 'x', []]) t.equal(Value.Check(schema, { name }), true)
  t.equal(Value.Check(schema, {}), true)
})

t.test('a setting is a text that is not empty, and says what it is', async t => {
  const setting = Setting('Account', ['7'])
  t.equal(Value.Check(setting, '1'), true)
  t.equal(Value.Check(setting, ''), false)
  t.match(setting, { description: 'Account', examples: ['7'] })
  t.notOk('examples' in Setting('Account'))
})

t.test('an instant has a zone', async t => {
  const noon = Date.parse('2026-03-12T12:00:00Z')
  t.equal(instantMs('2026-03-12T12:00:00Z'), noon)
  t.equal(instantMs('2026-03-12T12:00:00.000000z'), noon)
  t.equal(instantMs('2026-03-12T08:00:00-04:00'), noon)
  t.equal(instantMs('2026-03-12T14:00:00+0200'), noon)
})

t.test('everything else is no instant', async t => {
  for (const value of [
    '2026-03-12T12:00:00',
    '2026-03-12',
    '2026-13-12T12:00:00Z',
    'Z',
    '',
    1773316800000,
    null
  ]) {
    t.equal(instantMs(value), undefined)
  }
})
