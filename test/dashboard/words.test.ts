import t from 'tap'
import {
  causeInWords,
  deliveryStates,
  effects,
  jobStates,
  kindInWords,
  outcomes,
  remedyOf,
  resourceStates,
  sayingOf,
  sentence,
  standing,
  statusSaying,
  workspaceStates
} from '../../src/dashboard/words.ts'
import { rejectionCauses } from '../../src/model/rejection.ts'

t.test('each state has a sign and a word of its own', async t => {
  for (const sayings of [deliveryStates, resourceStates, outcomes, jobStates, workspaceStates, effects]) {
    const words = Object.values(sayings).map(each => each.word)
    t.equal(new Set(words).size, words.length)
  }
  t.equal(sayingOf(resourceStates, 'synced').word, 'At Seam')
  t.strictSame(sayingOf(resourceStates, 'new one'), { word: 'new one', tone: 'wait', sign: 'minus' })
})

t.test('every cause of a rejection is explained, with what to do', async t => {
  for (const cause of rejectionCauses) {
    t.not(causeInWords(cause), cause.replaceAll('_', ' '), cause)
    t.notMatch(remedyOf(cause), /docs\/errors/, cause)
  }
  t.equal(causeInWords('brand_new'), 'brand new')
  t.match(remedyOf('brand_new'), /docs\/errors\.md/)
})

t.test('where a resource stands is a sentence', async t => {
  t.equal(standing({ state: 'synced', reason: null }), 'Seam has it as it should be.')
  t.equal(standing({ state: 'waiting', reason: null }), 'It is on its way to Seam.')
  t.equal(
    standing({ state: 'held', reason: 'no time zone is known' }),
    'It is held back. No time zone is known.'
  )
  t.equal(standing({ state: 'held', reason: null }), 'It is held back. Something is missing.')
  t.equal(standing({ state: 'refused', reason: 'Name too long!' }), 'Seam refused it. Name too long!')
  t.equal(standing({ state: 'gone', reason: null }), 'Seam does not hold it, and should not.')
  t.equal(standing({ state: 'other', reason: 'x' }), 'other. X.')
})

t.test('Seam’s answer is its status, and its absence is said', async t => {
  t.match(statusSaying(200, null), { word: '200', tone: 'ok' })
  t.match(statusSaying(null, null), { word: 'Taken', tone: 'ok' })
  t.match(statusSaying(503, 'busy'), { word: '503', tone: 'bad' })
  t.match(statusSaying(null, 'reset'), { word: 'No answer', tone: 'bad' })
})

t.test('words begin with a capital and end with a stop', async t => {
  t.equal(sentence(' gone '), 'Gone.')
  t.equal(kindInWords('property_listing'), 'Property listing')
})
