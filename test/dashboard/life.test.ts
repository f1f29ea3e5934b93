import t from 'tap'
import {
  byDay,
  deliveryBefore,
  fieldsFrom,
  type LifeItem,
  lifeInWords,
  tellingInWords
} from '../../src/dashboard/life.ts'
import type { LifeSent, LifeTold } from '../../src/operate/schemas/resources.ts'

function told(id: string, over: Partial<LifeTold> = {}): LifeTold {
  return {
    type: 'told',
    booking: null,
    at: '2027-06-20T08:00:00.000Z',
    version: null,
    outcome: 'changed',
    revision: 3,
    note: null,
    delivery: {
      id,
      known: true,
      connection: 'lakeside',
      platform: 'hostaway',
      received_at: null,
      state: 'translated',
      event: null
    },
    ...over
  }
}

const sent: LifeSent = {
  type: 'sent',
  id: 'c1',
  operation: 'push_data',
  workspace: 'default',
  customer_key: 'homes',
  at: '2027-06-21T08:00:00.000Z',
  duration_ms: 100,
  status: 200,
  seam_request_id: null,
  error: null,
  revision: 3
}

const first = told('a')
const forgotten = told('b', { delivery: { ...told('b').delivery, known: false } })
const last = told('c', { at: '2027-06-21T22:30:00.000Z', outcome: 'stale' })
const life: LifeItem[] = [first, forgotten, sent, { ...sent, error: 'busy' }, last]

t.test('a life is read day by day, in the reader’s days', async t => {
  const days = byDay(life, { timeZone: 'Europe/Berlin' })
  t.strictSame(
    days.map(({ day, items }) => [day, items.length]),
    [
      ['Sunday 20 June 2027', 2],
      ['Monday 21 June 2027', 2],
      ['Tuesday 22 June 2027', 1]
    ]
  )
  t.equal(byDay(life).flatMap(each => each.items).length, 5)
})

t.test('a webhook is compared with the one before it that is still kept', async t => {
  t.equal(deliveryBefore(life, last), 'a')
  t.equal(deliveryBefore(life, first), undefined)
  t.equal(deliveryBefore(life, told('elsewhere')), undefined)
})

t.test('what a webhook did is a sentence', async t => {
  t.equal(tellingInWords(first), 'Changed what Seam should hold, to revision 3.')
  t.equal(
    tellingInWords(told('a', { revision: null, note: 'Gone.' })),
    'Changed what Seam should hold. Gone.'
  )
  t.match(tellingInWords(last), /^Came too late/)
  t.equal(tellingInWords(told('a', { outcome: 'unchanged' })), 'Said nothing new.')
  t.equal(tellingInWords(told('a', { outcome: 'held', note: 'no zone' })), 'Held back: no zone')
  t.equal(tellingInWords(told('a', { outcome: 'held' })), 'Held back: something is missing')
})

t.test('a life is summed up', async t => {
  t.equal(lifeInWords(life, true), '3 webhooks (1 too late), 2 calls to Seam (1 failed)')
  t.equal(lifeInWords([first, sent], false), 'So far 1 webhook, 1 call to Seam')
})

t.test('fields are attributed to who told them last', async t => {
  const fields = [
    { field: 'start', version: null, delivery: 'a', known: true },
    { field: 'end', version: null, delivery: 'c', known: false }
  ]
  t.strictSame(fieldsFrom(fields, 'a'), ['start'])
})
