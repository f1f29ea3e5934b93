import t, { type Test } from 'tap'
import { check, EXIT_CONFIG } from '../../src/cli/check.ts'
import { platforms } from '../../src/platforms/registry.ts'

const described = `connections:
  - id: heron
    platform: custom
    customer_key: heron
    secrets: { value: a-value-that-is-long }
    country: DE
    time_zone: Europe/Berlin
    check_in_time: "15:00"
    check_out_time: "11:00"
    webhooks:
      verification: { scheme: header, header: X-Key }
      event: { type: { header: x-event } }
      events:
        saved: |
          {
            "type": "reservation.updated",
            "data": {
              "id": ref + 0,
              "status": state,
              "arrival_date": "2027-01-01", "departure_date": "2027-01-02",
              "listing_id": lodge
            }
          }
        dropped: '{ "type": "guest.deleted", "data": { "id": who } }'
      ignored: { seen: a look }
      samples: ./samples/*.json
`

async function run(t: Test, samples: Record<string, string>, text = described) {
  const directory = t.testdir({ 'connections.yaml': text, samples })
  const written: string[] = []
  const env = { RELAY_CONNECTIONS_FILE: `${directory}/connections.yaml` }
  const code = await check({ env, out: { write: chunk => written.push(chunk) }, platforms })
  const lines = written.join('').replaceAll(directory, '').split('\n')
  const start = lines.findIndex(line => line.startsWith('  samples '))
  const end = lines.findIndex((line, index) => index > start && line === '')
  return { code, samples: lines.slice(start, end).map(line => line.slice(16)), last: lines.at(-2) }
}

t.test('samples are shown with what they come to', async t => {
  const { code, samples, last } = await run(t, {
    'saved.json': '{"ref":7,"state":"confirmed","lodge":"L-5"}',
    'saved.unknown.json': '{"ref":7,"state":"painted"}',
    'seen.json': '{}'
  })
  t.equal(code, 0)
  t.strictSame(
    samples.map(line => line.replace(/20\d\d-\S+T\S+Z/, 'now')),
    [
      'saved: booking 7: 1 stay, as of now',
      '    stay 7',
      '      place     L-5',
      '      from      2027-01-01 (no time given)',
      '      until     2027-01-02 (no time given)',
      '      guest     nobody',
      '      metadata  {}',
      'saved.unknown: ignored: status "painted" is not known',
      'seen: ignored: a look'
    ]
  )
  t.match(last, /^No Seam credential/)
})

t.test('a mistake is told with its line in the file and the expression, and ends with 78', async t => {
  const { code, samples, last } = await run(t, {
    'dropped.json': '{"who":""}',
    'saved.json': '{"ref":"H-1001","state":"confirmed"}',
    'seen.json': 'no JSON'
  })
  t.equal(code, EXIT_CONFIG)
  t.strictSame(samples, [
    'dropped: /connections.yaml:24:19 dropped: what its expression yields does not fit: guest.deleted: /data/id must be a text of 1 to 200 characters without white space around it, or a whole number',
    'saved: /connections.yaml:18:25 saved: T2001: The left side of the "+" operator must evaluate to a number; line 4, column 15 of its expression: "id": ref + 0,',
    'seen: the body is not JSON'
  ])
  t.equal(last, 'Samples that cannot be used: 3.')
})

t.test('each event of a sample is told, whatever is wrong with the one before', async t => {
  const { code, samples } = await run(t, {
    'dropped.json': '[{"who":""},{"who":"g1"},{"who":" "}]'
  })
  t.equal(code, EXIT_CONFIG)
  t.match(samples, [/does not fit/, /^dropped: guest g1 is gone/, /does not fit/])
})

t.test('a sample without a time where one is described is told so', async t => {
  const timed = described.replace('{ header: x-event }', '{ header: x-event }, time: { body: at }')
  const late =
    '/connections.yaml:12:43 there is nothing at body at, so the time of receipt counts and what comes late wins'
  const files = {
    'dropped.json': '{"who":"g1"}',
    'saved.json': '{"ref":7,"state":"painted","at":null}',
    'seen.json': '{}'
  }
  const { code, samples } = await run(t, files, timed)
  t.equal(code, 0)
  t.match(samples, [/^dropped: /, `  ${late}`, /^saved: /, `  ${late}`, /^seen: /])
  const unreadable = await run(t, { 'dropped.json': '{"who":"g1","at":"2027-01-10 10:00:00"}' }, timed)
  t.equal(unreadable.code, EXIT_CONFIG)
  t.match(unreadable.samples, [/^dropped: dropped: what stands at body at is not a time; give ISO 8601/])
})

t.test('samples that are not there are missed, and none are asked for', async t => {
  const missing = await run(t, {})
  t.equal(missing.code, EXIT_CONFIG)
  t.strictSame(missing.samples, ['/connections.yaml:26:7 there is no file that fits ./samples/*.json'])
  const second = described.split('\n').slice(1).join('\n').replace('id: heron', 'id: heron2')
  const both = await run(t, { 'seen.json': '{}' }, described + second)
  t.strictSame(both.samples, ['seen: ignored: a look'], 'each connection shows its own')
  const none = await run(t, {}, described.replace(/ {6}samples: .*\n/, ''))
  t.equal(none.code, 0)
})

t.test('a fault of the relay itself is no fault of a sample', async t => {
  const broken = {
    ...platforms.custom,
    of: () => ({
      ...(platforms.custom as never as object),
      readEvents: () => {
        throw new TypeError('broken')
      }
    })
  }
  const directory = t.testdir({ 'connections.yaml': described, samples: {} })
  const env = { RELAY_CONNECTIONS_FILE: `${directory}/connections.yaml` }
  await t.rejects(check({ env, out: { write: () => true }, platforms: { custom: broken as never } }), {
    message: 'broken'
  })
})
