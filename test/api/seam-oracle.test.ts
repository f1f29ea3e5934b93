import t from 'tap'
import { mistakesForSeam } from './seam-oracle.ts'

const stay = {
  customer_key: 'c',
  spaces: [{ space_key: 's', name: 'S', customer_data: { time_zone: null }, duration_minutes: 30 }],
  reservations: [{ reservation_key: 'r', custom_metadata: { a: null, b: true, c: 'text' } }]
}

t.test('the second opinion takes what Seam documents, and nothing else', t => {
  t.equal(mistakesForSeam('push_data', stay), undefined)
  t.equal(mistakesForSeam('delete_data', { space_keys: ['s'], customer_keys: [] }), undefined)
  const [space] = stay.spaces
  const wrong: [string, unknown, RegExp][] = [
    ['push_data', {}, /customer_key/],
    ['push_data', { ...stay, customer_key: '' }, /customer_key/],
    ['push_data', { ...stay, more: [] }, /additional/],
    ['push_data', { ...stay, spaces: [{ ...space, name: undefined }] }, /name/],
    ['push_data', { ...stay, spaces: [{ ...space, duration_minutes: 0 }] }, /duration_minutes/],
    ['push_data', { ...stay, spaces: [{ ...space, parent_site_key: null }] }, /parent_site_key/],
    ['push_data', { ...stay, reservations: [{ reservation_key: 'r', starts_at: 'soon' }] }, /starts_at/],
    ['push_data', { ...stay, reservations: [{ reservation_key: 'r', site_keys: [] }] }, /additional/],
    [
      'push_data',
      { ...stay, reservations: [{ reservation_key: 'r', custom_metadata: { a: 1 } }] },
      /metadata/
    ],
    ['delete_data', { space_keys: 's' }, /space_keys/],
    ['delete_data', { site_keys: ['s'] }, /additional/],
    ['no_data', {}, /no_data/]
  ]
  for (const [operation, body, mistake] of wrong) {
    t.match(mistakesForSeam(operation, JSON.parse(JSON.stringify(body))), mistake)
  }
  t.end()
})
