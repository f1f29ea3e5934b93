import { readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { platforms } from '../../src/platforms/registry.ts'
import { demoConnection } from '../platforms/demo-connection.ts'
import { demoFolder } from './demo-relay.ts'
import { type Ran, run } from './terminal.ts'

const RECEIVED = '2027-01-10T10:00:00.000Z'
const TIMED = ['--received-at', RECEIVED]

/** A body in a file of its own, translated. */
function told(t: Test, platform: string, body: unknown, ...args: string[]): Promise<Ran> {
  return run(['translate', platform, fileOf(t, body), ...args, ...TIMED])
}

function fileOf(t: Test, body: unknown, folder = t.testdir()): string {
  const file = `${folder}/body.json`
  writeFileSync(file, typeof body === 'string' ? body : JSON.stringify(body))
  return file
}

/** The body of a sample of the platform's own. */
function sample(name: string, event: string): string {
  const platform = platforms[name]
  const make = platform?.samples.events[event]
  if (platform === undefined || make === undefined) throw new TypeError(`no sample ${name} ${event}`)
  return make({ connection: demoConnection(platform), now: Date.parse(RECEIVED), serial: 1 }).body
}

function standard(type: string, data: object): object {
  return { type, timestamp: '2027-01-01T00:00:00Z', data }
}

const guest = { id: 'G-77', name: 'Noor Haddad', email: 'noor@example.com', phone: '+12125550101' }
const dates = { arrival_date: '2027-08-01', departure_date: '2027-08-05' }

t.test('a whole reservation is shown from the webhook to the call', async t => {
  const body = standard('reservation.created', {
    id: 'R-1',
    name: 'August',
    guest,
    ...dates,
    check_in_time: '16:00',
    time_zone: 'Europe/Lisbon',
    check_out_time: '11:00',
    listing_id: 'L-5',
    preferred_code: '4711',
    metadata: { channel: 'phone' }
  })
  const { code, out, err } = await told(t, 'standard', body, '--header', 'Webhook-Id=msg_1')
  t.equal(err, '')
  t.equal(code, 0)
  t.strictSame(out.split('\n'), [
    'Standard',
    '  connection    none, so no settings; --connection <id> applies those of one',
    '  verified by   headers webhook-id, -timestamp and -signature (Standard Webhooks), key `signing_secret` (whsec_…); not checked here',
    '  delivery id   msg_1',
    `  received      ${RECEIVED}`,
    '',
    'reservation.created: translated',
    '  booking R-1: 1 stay, as of 2027-01-01T00:00:00.000Z',
    '    stay R-1',
    '      place     L-5',
    '      from      2027-08-01 16:00 Europe/Lisbon',
    '      until     2027-08-05 11:00 Europe/Lisbon',
    '      guest     G-77: name "Noor Haddad", email "noor@example.com", phone "+12125550101"',
    '      name      August',
    '      code      4711',
    '      metadata  {"channel":"phone"}',
    '',
    'Calls to Seam, by a relay that knows nothing else',
    '  push_data',
    '  {',
    '    "customer_key": "<customer_key>",',
    '    "spaces": [',
    '      {',
    '        "space_key": "<connection>:L-5",',
    '        "name": "L-5"',
    '      }',
    '    ],',
    '    "guests": [',
    '      {',
    '        "guest_key": "<connection>:G-77",',
    '        "name": "Noor Haddad",',
    '        "email_address": "noor@example.com",',
    '        "phone_number": "+12125550101"',
    '      }',
    '    ],',
    '    "reservations": [',
    '      {',
    '        "reservation_key": "<connection>:R-1",',
    '        "name": "August",',
    '        "starts_at": "2027-08-01T15:00:00Z",',
    '        "ends_at": "2027-08-05T10:00:00Z",',
    '        "guest_key": "<connection>:G-77",',
    '        "space_keys": [',
    '          "<connection>:L-5"',
    '        ],',
    '        "preferred_code": "4711",',
    '        "custom_metadata": {',
    '          "channel": "phone"',
    '        }',
    '      }',
    '    ]',
    '  }',
    '',
    'Nothing is missing.',
    ''
  ])
})

t.test('the first sample of every platform can be shown', async t => {
  const { folder, env } = demoFolder(t)
  for (const [name, { samples, description }] of Object.entries(platforms)) {
    const [event = ''] = Object.keys(samples.events)
    const connection = description === undefined ? [] : ['--connection', `demo-${name}`]
    const file = fileOf(t, sample(name, event), folder)
    const { code, out, err } = await run(['translate', name, file, ...connection], env)
    t.equal(err, '', name)
    t.ok(code === 0 || code === 1, name)
    t.match(out, /^ {2}verified by {3}.*; not checked here$/m, name)
    t.match(out, '\nCalls to Seam, by a relay that knows nothing else\n')
  }
})

t.test('a platform that connections describe is read as one of them describes it', async t => {
  const { folder, env } = demoFolder(t)
  const [event = ''] = Object.keys(platforms.custom?.samples.events ?? {})
  const args = ['translate', 'custom', fileOf(t, sample('custom', event), folder)]
  const { code, out } = await run([...args, '--connection', 'demo-custom'], env)
  t.equal(code, 0)
  t.match(out, '"customer_key": "demo-custom"')
  const unnamed = await run(args, env)
  t.equal(unnamed.code, 2)
  t.equal(
    unnamed.err,
    'seam-relay: translate: Custom is what a connection describes; name it with --connection\n'
  )
})

t.test('dates without a zone are held, with what would help', async t => {
  const { code, out } = await told(t, 'hostaway', sample('hostaway', 'reservation.created'))
  t.equal(code, 1)
  t.match(
    out,
    `
Held, and what to do
  reservation <connection>:51200001: the time zone of the place is unknown; set time_zone on the connection or the place
    → no time zone is known for place 310042: set time_zone on the connection or places.310042.time_zone, or give the connection api credentials, so that Hostaway is asked
`
  )
  t.match(out, '"spaces": [')
  t.notMatch(out, '"reservations"')
  t.match(out, '\nNot all of it would reach Seam; the reasons are above.\n')
})

t.test('where no API can help, none is spoken of', async t => {
  const listing = { id: 'L-5', name: 'Beach house', time_zone: 'Europe/Lisbon' }
  const body = standard('reservation.created', { id: 'R-1', guest, ...dates, listing })
  const { code, out } = await told(t, 'standard', body)
  t.equal(code, 1)
  t.match(
    out,
    '→ no check-in time is known for place L-5: set check_in_time on the connection or places.L-5.check_in_time\n'
  )
  t.match(
    out,
    '  place L-5, as of 2027-01-01T00:00:00.000Z\n    name "Beach house"\n    time zone "Europe/Lisbon"\n'
  )
  t.match(out, '      from      2027-08-01 (no time given)\n')
})

t.test('a stay without a room or a guest says so', async t => {
  const data = { id: 'R-1', guest: null, starts_at: '2027-08-01T15:00:00Z', ends_at: '2027-08-05T11:00:00Z' }
  const { code, out } = await told(t, 'standard', standard('reservation.created', data))
  t.equal(code, 1)
  t.match(out, '      place     none\n')
  t.match(out, '      from      2027-08-01T15:00:00Z\n')
  t.match(out, '      guest     nobody\n')
  t.match(out, ': no room is assigned yet\n    → it is sent by itself once Standard gives its room\n')
  t.match(out, '\n  None: what is held is not sent.\n')
})

t.test('a connection’s settings apply, and none of its secrets is shown', async t => {
  const { folder, env } = demoFolder(t)
  const file = fileOf(t, sample('lodgify', 'booking_new_status_booked'), folder)
  const { code, out } = await run(['translate', 'lodgify', file, '--connection', 'demo-lodgify'], env)
  t.equal(code, 0)
  t.match(out, '  connection    demo-lodgify, customer demo-lodgify\n')
  t.match(out, '"reservation_key": "demo-lodgify:9100001"')
  t.match(out, '"time_zone": "Europe/Lisbon"')
  t.notMatch(out, 'demo-only')
})

t.test('a body of another account is refused by the relay', async t => {
  const { folder, env } = demoFolder(t)
  const body = sample('hostaway', 'reservation.created').replaceAll('70011', '4')
  const args = ['translate', 'hostaway', fileOf(t, body, folder), '--connection', 'demo-hostaway']
  const { code, out } = await run(args, env)
  t.equal(code, 1)
  t.match(
    out,
    '  refused       the body names another account than the connection’s; the relay answers 401\n'
  )
})

t.test('an event that carries only ids tells what would be read', async t => {
  const { code, out } = await told(t, 'guesty', sample('guesty', 'reservation.created.v2'))
  t.equal(code, 1)
  t.match(
    out,
    /\nreservation\.created\.v2: held: it says too little by itself, and there are no api credentials to read the rest with \(RELAY_HYDRATION_NOT_CONFIGURED\)\n {2}to be read first: GET https:\/\/open-api\.guesty\.com\/v1\/reservations\/\w+\n/
  )
  t.match(out, '\n  None: what is held is not sent.\n')
})

t.test('the same with a connection names the option that reads it, and the sandbox is not asked', async t => {
  const { folder, env } = demoFolder(t)
  const file = fileOf(t, sample('guesty', 'reservation.created.v2'), folder)
  const args = ['translate', 'guesty', file, '--connection', 'demo-guesty']
  const unread = await run(args, env)
  t.equal(unread.code, 1)
  t.match(unread.out, 'and the rest was not read; --hydrate reads it from the platform now (RELAY')
  const sandbox = await run([...args, '--hydrate'], env)
  t.equal(sandbox.code, 1)
  t.match(
    sandbox.out,
    'the api of the connection is the sandbox’s, which answers only inside a running relay (RELAY'
  )
  t.notMatch(sandbox.out, 'demo-only')
})

t.test('what needs no credentials is not asked either', async t => {
  const { code, out } = await told(t, 'hostify', sample('hostify', 'SubscriptionConfirmation'))
  t.equal(code, 0)
  t.match(out, 'SubscriptionConfirmation: ignored: the relay answers it by asking what it names')
  t.match(out, '  to be read first: GET https://sns.')
})

t.test('a test delivery asks for nothing', async t => {
  const { code, out } = await told(t, 'calcom', sample('calcom', 'PING'))
  t.equal(code, 0)
  t.match(out, '  delivery id   none here, so a repeat is translated again\n')
  t.match(out, '\nPING: ignored: test delivery\n')
  t.match(out, '\n  None: nothing here asks for one.\n\nNothing is missing.\n')
})

t.test('an unknown event is kept, and it is said that nothing is sent', async t => {
  const { code, out } = await told(t, 'standard', standard('reservation.exploded', {}))
  t.equal(code, 1)
  t.match(out, '\nreservation.exploded: ignored: Standard event "reservation.exploded" is not known\n')
  t.match(out, '  kept, and counted as unknown; nothing is sent\n')
})

t.test('an unknown status is held, and says nothing of the booking', async t => {
  const data = { id: 'R-1', status: 'checked_in', guest, ...dates, listing_id: 'L-5' }
  const { code, out } = await told(t, 'standard', standard('reservation.updated', data))
  t.equal(code, 1)
  t.match(out, '\nreservation.updated: held: status "checked_in" is not known\n')
  t.match(out, '  kept; the booking is left as it is until the adapter knows the word\n')
})

t.test('a body that is no JSON is a dead letter', async t => {
  const { code, out } = await told(t, 'calcom', '<html>')
  t.equal(code, 1)
  t.match(out, '\nThe body: dead: the body is not JSON (RELAY_EVENT_UNREADABLE)\n')
  t.match(out, '  kept as a dead letter, to be replayed once that is fixed\n  SyntaxError: ')
  t.notMatch(out, 'at JSON.parse')
})

t.test('a body without what its schema requires names the field', async t => {
  const { code, out } = await told(t, 'standard', standard('reservation.created', {}))
  t.equal(code, 1)
  t.match(out, /\nreservation\.created: dead: .*\/data\/id.* \(RELAY_EVENT_INVALID\)\n/)
})

t.test('a cancellation of a booking that nobody knows causes no call, and says so', async t => {
  const { code, out } = await told(t, 'standard', standard('reservation.cancelled', { id: 'R-1' }))
  t.equal(code, 0)
  t.match(out, '  booking R-1: cancelled, as of 2027-01-01T00:00:00.000Z\n')
  t.match(
    out,
    '  No delete_data for booking R-1, which is not known here. Where Seam has it: reservation_keys <connection>:R-1, or <connection>:R-1_<unit> for each of its rooms, then the guest if no other stay needs them.\n'
  )
})

t.test('other words than cancelled are quoted, and so is what gives no access', async t => {
  const booking = (status: string) => standard('reservation.updated', { id: 'R-1', status })
  t.match((await told(t, 'standard', booking('declined'))).out, 'booking R-1: cancelled (declined), as of')
  t.match(
    (await told(t, 'standard', booking('owner_stay'))).out,
    /booking R-1: gives no access \(.+\), as of/
  )
})

t.test('a place or guest that goes causes no call where nobody knows it', async t => {
  const place = await told(t, 'standard', standard('listing.deleted', { id: 'L-5' }))
  t.equal(place.code, 0)
  t.match(place.out, '  place L-5 is gone, as of 2027-01-01T00:00:00.000Z\n')
  t.match(
    place.out,
    '  No delete_data for place L-5, which is not known here. Where Seam has it: space_keys <connection>:L-5.\n'
  )
  const person = await told(t, 'standard', standard('guest.deleted', { id: 'G-77' }))
  t.match(person.out, 'Where Seam has it: guest_keys <connection>:G-77, once no stay needs them.\n')
})

t.test('a merge is told', async t => {
  const { code, out } = await told(t, 'hospitable', sample('hospitable', 'property.merged'))
  t.equal(code, 0)
  t.match(out, /\n {2}place \S+ is place \S+ from now on, as of /)
})

t.test('rooms of one booking are stays of their own', async t => {
  const units = [{ id: 'a' }, { id: 'b', listing_id: 'L-6', preferred_code: '12' }]
  const times = { starts_at: '2027-08-01T15:00:00Z', ends_at: '2027-08-05T11:00:00Z' }
  const data = { id: 'R-1', guest: { name: 'Noor', phone: '12' }, ...times, listing_id: 'L-5', units }
  const { code, out } = await told(t, 'standard', standard('reservation.created', data))
  t.equal(code, 0)
  t.match(out, '  booking R-1: 2 stays, as of ')
  t.match(out, '      guest     without an id: name "Noor", phone "12"\n')
  t.match(out, '\nLeft out\n')
  t.match(out, '  reservation <connection>:R-1_b: the preferred code is not 4 to 9 digits and was left out\n')
  t.match(out, ': the phone number is not valid and was left out;')
})

t.test('several events of one body are told one by one', async t => {
  const { Events, ...rest } = JSON.parse(sample('mews', 'ServiceOrderUpdated'))
  const body = { ...rest, Events: [...Events, { Discriminator: 'MessageAdded', Value: { Id: 'm' } }] }
  const { code, out } = await told(t, 'mews', body)
  t.equal(code, 1)
  t.match(out, '\nServiceOrderUpdated: held: ')
  t.match(out, '\nMessageAdded: ignored: ')
})

t.test('standard input is read, named or not', async t => {
  const body = Buffer.from(sample('calcom', 'PING'))
  const halves = [body.subarray(0, 5), body.subarray(5)]
  for (const file of [['-'], []]) {
    const { code, out } = await run(['translate', 'calcom', ...file], {}, Readable.from(halves))
    t.equal(code, 0)
    t.match(out, '\nPING: ignored')
  }
})

t.test('for machines it is JSON, with the changes as in fixtures', async t => {
  const body = JSON.parse(readFileSync(fixture('reservation-created.json'), 'utf8'))
  const { code, out } = await told(t, 'standard', body, '--json')
  t.equal(code, 0)
  const { events, calls, ...rest } = JSON.parse(out)
  t.strictSame(rest, {
    platform: 'standard',
    connection: null,
    verified_by: platforms.standard?.verification.description,
    received_at: RECEIVED,
    delivery_id: null,
    foreign_account: false,
    places_read: [],
    held: [],
    warnings: [],
    whole: true
  })
  t.strictSame(
    events.map(({ changes, ...outcome }: { changes: unknown }) => outcome),
    [{ type: 'reservation.created', outcome: 'translated', reads: [] }]
  )
  t.strictSame(
    events[0].changes,
    JSON.parse(readFileSync(fixture('reservation-created.changes.json'), 'utf8'))
  )
  t.strictSame(
    calls.map(({ operation }: { operation: string }) => operation),
    ['push_data']
  )
})

t.test('for machines too, a connection is named and what is held has its reason', async t => {
  const { folder, env } = demoFolder(t)
  const file = fileOf(t, standard('reservation.created', { id: 'R-1', guest, ...dates }), folder)
  const { out } = await run(['translate', 'standard', file, '--connection', 'demo-standard', '--json'], env)
  const { connection, held } = JSON.parse(out)
  t.equal(connection, 'demo-standard')
  t.strictSame(held, [
    {
      kind: 'reservation',
      key: 'demo-standard:R-1',
      reason: 'no room is assigned yet',
      release: 'it is sent by itself once Standard gives its room'
    }
  ])
})

t.test('an event that is named in the address is given there', async t => {
  const body = sample('nexudus', 'BookingDelete')
  const { out } = await told(t, 'nexudus', body, '--query', 'event=BookingDelete')
  t.match(out, '\nBookingDelete: translated\n')
  t.notMatch((await told(t, 'nexudus', body)).out, '\nBookingDelete:')
})

t.test('a clock that the platform does not tell is the time of receipt', async t => {
  const { out } = await told(t, 'guesty', sample('guesty', 'listing.removed'), '--header', 'svix-id=a=b')
  t.match(out, `\n  received      ${RECEIVED}\n`)
  t.match(out, '\n  delivery id   a=b\n')
})

t.test('what there is not is wrong usage', async t => {
  const { folder, env } = demoFolder(t, {
    connections: `connections:
  - { id: h, platform: hospitable, customer_key: c, secrets: { token: a-token-of-the-address } }`
  })
  const file = fileOf(t, '{}', folder)
  const said = async (...args: string[]) => {
    const { code, out, err } = await run(['translate', ...args], env)
    t.equal(code, 2)
    t.equal(out, '')
    return err
  }
  t.match(await said('acme', file), 'seam-relay: translate: there is no platform acme; there are:\n  ')
  t.match(await said('constructor', file), 'there is no platform constructor')
  t.match(
    await said('hospitable', file, '--connection', 'x'),
    'Hospitable has no connection x; there are:\n  h\n'
  )
  t.match(
    await said('guesty', file, '--connection', 'h'),
    'the connections file has no connection of Guesty\n'
  )
  t.match(
    await said('guesty', `${folder}/no.json`),
    `translate: there is no file ${folder}/no.json; give the path of a body, or - for standard input\n`
  )
  t.match(await said('guesty', folder), `${folder} cannot be read (EISDIR); give the path of a body`)
  t.match(await said('guesty'), 'translate: give the path of a body, or pipe one in\n')
  t.match(await said('guesty', file, '--hydrate'), 'name it with --connection\n')
  t.match(await said('guesty', file, '--received-at', 'today'), 'Give a time such as 2027-01-10T10:00:00Z.')
  t.match(await said('guesty', file, '--header', 'x'), 'Give a name, =, and a value.')
})

function fixture(name: string): URL {
  return new URL(`../platforms/standard/fixtures/${name}`, import.meta.url)
}
