import t from 'tap'
import { nearest, suggestion } from '../../src/config/nearest.ts'

t.test('the nearest of several names is meant', async t => {
  t.equal(nearest('time_zon', ['time_one', 'time_zone', 'times']), 'time_zone')
  t.equal(nearest('Hostawy', ['hostify', 'hostaway']), 'hostaway', 'whatever the letter case')
  t.equal(nearest('conections', ['connections']), 'connections')
})

t.test('a name far from all others means none of them', async t => {
  t.equal(nearest('elsewhere', ['acme', 'bolt']), undefined)
  t.equal(nearest('us', ['eu', 'au']), undefined, 'half of a short name is too much')
  t.equal(nearest('eus', ['eu']), 'eu')
  t.equal(nearest('x', []), undefined)
})

t.test('where nothing is near, everything known is listed', async t => {
  t.equal(suggestion('elsewhere', ['acme', 'bolt']), '; known: acme, bolt')
  t.equal(suggestion('acne', ['acme', 'bolt']), '; did you mean acme?')
  t.equal(suggestion('elsewhere', []), '')
})
