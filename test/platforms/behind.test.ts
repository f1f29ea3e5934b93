import t from 'tap'
import { askAgainWhileBehind, type Compared, isBehind } from '../../src/platforms/behind.ts'
import { notAskedOften, testApi } from './api.ts'

const same: Compared = {
  standing: ['pushed', 'pushed'],
  others: [['2027-03-12', '2027-03-12']],
  toldAt: 5_000,
  changedAt: 5_000
}
const other: Compared = {
  ...same,
  others: [
    ['r1', 'r1'],
    ['2027-03-12', '2027-03-11']
  ]
}

t.test('an answer that contradicts its event is behind', async t => {
  t.equal(isBehind(same), false)
  t.equal(isBehind(other), true)
  for (const standing of [
    ['pushed', 'tentative'],
    ['tentative', 'pushed'],
    ['pushed', 'cancelled']
  ] as const)
    t.equal(isBehind({ ...same, standing }), true, standing.join())
})

t.test('what is over by its event is over by the answer too, or that is behind', async t => {
  for (const read of ['pushed', 'tentative', undefined])
    t.equal(isBehind({ ...same, standing: ['cancelled', read] }), true, `${read}`)
  t.equal(isBehind({ ...same, standing: ['cancelled', undefined], changedAt: 5_001 }), false)
})

t.test('what the event or the answer does not tell contradicts nothing', async t => {
  t.equal(isBehind({ ...same, others: [[undefined, 'off']] }), false)
  t.equal(isBehind({ ...same, others: [['off', undefined]] }), false)
  t.equal(isBehind({ ...same, others: [['r2', null]] }), true, 'that there is none is told')
})

t.test('an answer that was changed after its event tells of a second change', async t => {
  t.equal(isBehind({ ...other, changedAt: 5_001 }), false)
  t.equal(isBehind({ ...other, changedAt: 5_000 }), true, 'clocks may tell whole seconds')
})

t.test('that an answer is older says nothing by itself: many an event moves no clock', async t => {
  t.equal(isBehind({ ...same, changedAt: 1 }), false)
})

t.test('without both clocks only an answer that would open a door against its event is', async t => {
  for (const clocks of [{ toldAt: undefined }, { changedAt: undefined }]) {
    const standingAs = (...standing: Compared['standing']) => isBehind({ ...other, ...clocks, standing })
    t.equal(standingAs('pushed', 'pushed'), false, 'an event that is late must not wait')
    t.equal(standingAs('pushed', 'cancelled'), false)
    for (const read of ['pushed', 'tentative', undefined])
      t.equal(standingAs('cancelled', read), true, `over by its event, and ${read} by the answer`)
    t.equal(standingAs('tentative', 'pushed'), true)
    t.equal(standingAs(undefined, 'pushed'), false)
  }
})

t.test('where both say that the booking is over, nothing else keeps its end waiting', async t => {
  const over: Compared = { ...other, standing: ['cancelled', 'cancelled'] }
  t.equal(isBehind(over), false)
})

t.test('what is behind is asked for again, until it has been asked for often enough', async t => {
  const api = testApi(() => ({ status: 500 }))
  t.throws(() => askAgainWhileBehind(notAskedOften(api), 'Acme', other), {
    code: 'RELAY_PLATFORM_REFUSED',
    retryable: true,
    message: 'Acme answers as things were before its webhook'
  })
  t.doesNotThrow(() => askAgainWhileBehind(notAskedOften(api), 'Acme', same))
  t.doesNotThrow(() => askAgainWhileBehind(api, 'Acme', other))
})
