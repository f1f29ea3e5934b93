import t from 'tap'
import type { UpsertPlace } from '../../../src/model/change.ts'
import { body, minute, translated } from './bodies.ts'

function placesIn(content: unknown): UpsertPlace[] {
  const translation = translated(content)
  return (Array.isArray(translation) ? translation : []).filter(
    change => change.change === 'upsert' && change.kind === 'place'
  )
}

function fieldsTold(differing: Record<string, unknown>, event = 'BOOKING_CREATED') {
  return placesIn(body(event, differing))[0]?.fields
}

t.test(
  'a booking tells of its event type, and so does a request; one that is off says nothing of it',
  async t => {
    const differing = {
      organizer: { timeZone: 'Europe/Stockholm' },
      location: '12 Quay Road',
      length: 90
    }
    for (const event of ['BOOKING_CREATED', 'BOOKING_REQUESTED']) {
      t.strictSame(placesIn(body(event, differing)), [
        {
          change: 'upsert',
          kind: 'place',
          id: '90417',
          fields: {
            name: 'Podcast studio',
            timeZone: 'Europe/Stockholm',
            address: '12 Quay Road',
            durationMinutes: 90
          },
          whole: false,
          version: Date.parse(minute(0))
        }
      ])
    }
    for (const event of ['BOOKING_CANCELLED', 'BOOKING_REJECTED'])
      t.strictSame(placesIn(body(event, differing)), [], event)
  }
)

t.test('a booking without an event type names no place', async t => {
  for (const eventTypeId of [undefined, null, 0, '', '0', {}, true]) {
    t.strictSame(placesIn(body('BOOKING_CREATED', { eventTypeId })), [])
  }
})

t.test('the slug is a name only until a title is told, whenever that was', async t => {
  const untitled = body('BOOKING_CREATED', { eventTitle: null, type: 'podcast-studio' }, minute(5))
  t.strictSame(
    placesIn(untitled).map(({ version, fields }) => [version, fields.name]),
    [
      [Date.parse(minute(5)), undefined],
      [0, 'podcast-studio']
    ]
  )
  const titled = body('BOOKING_CREATED', { type: 'podcast-studio' })
  t.strictSame(
    placesIn(titled).map(({ fields }) => fields.name),
    ['Podcast studio']
  )
  const title = 'Podcast studio with Zoë Lindqvist'
  const personal = body('BOOKING_CREATED', { eventTitle: undefined, type: title, title })
  t.strictSame(
    placesIn(personal).map(({ fields }) => fields.name),
    [undefined],
    'a booking’s own title names a person, not a place'
  )
})

t.test('an event type has a length where its bookings are as long as it says', async t => {
  t.equal(fieldsTold({ length: 90 })?.durationMinutes, 90)
  for (const differing of [
    { length: 60 },
    { length: 0, endTime: '2027-02-15T13:00:00Z' },
    { length: '90' },
    { length: null },
    { length: 90, startTime: null },
    { length: 90, endTime: 'later' }
  ]) {
    t.equal(fieldsTold(differing)?.durationMinutes, undefined, JSON.stringify(differing))
  }
})

t.test('a location is an address only where the host meets people', async t => {
  const addresses = [
    '12 Quay Road',
    'Hauptstraße 5, 10115 Berlin',
    'Studio B: 2nd floor',
    '221B Baker St.',
    'Kungsgatan'
  ]
  for (const location of addresses) t.equal(fieldsTold({ location })?.address, location)
  const elsewhere = [
    'integrations:daily',
    'integrations:google:meet',
    'https://meet.example.com/abc',
    'zoom.example.com/j/1',
    'meet.example.com',
    'tel:+46855501470',
    '+46 8 555 014 70',
    '(212) 555-0101',
    '0855501470',
    'inPerson',
    'attendeeInPerson',
    'conferencing',
    ' ',
    null,
    7
  ]
  for (const location of elsewhere) t.equal(fieldsTold({ location })?.address, undefined, String(location))
})

t.test('where people meet elsewhere, no words for it are the place’s address', async t => {
  const addressWith = (value: unknown) =>
    fieldsTold({ location: 'Cal Video', responses: { location: { label: 'location', value } } })?.address
  for (const kind of [
    'integrations:daily',
    'conferencing',
    'link',
    'userPhone',
    'https://meet.example.com/a'
  ]) {
    t.equal(addressWith({ value: kind, optionValue: '' }), undefined, kind)
    t.equal(addressWith(kind), undefined, kind)
  }
  t.equal(addressWith({ value: 'Studio B', optionValue: '' }), 'Cal Video', 'no kind that is known')
})

t.test('an address that the booker wrote is not the place’s', async t => {
  const addressWith = (value: unknown) =>
    fieldsTold({ location: '1 Visitor Street', responses: { location: { label: 'location', value } } })
      ?.address
  t.equal(addressWith({ value: 'inPerson', optionValue: '' }), '1 Visitor Street')
  t.equal(addressWith({ value: 'attendeeInPerson', optionValue: '' }), undefined)
  t.equal(addressWith({ value: 'somewhereElse' }), undefined)
  t.equal(addressWith({ value: '1 Visitor Street', optionValue: '1 Visitor Street' }), undefined)
  t.equal(addressWith('inPerson'), '1 Visitor Street')
  t.equal(addressWith(null), '1 Visitor Street')
})
