import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import {
  Clock,
  clockMs,
  Id,
  Instant,
  LocalDate,
  LocalTime,
  Text,
  TimeZone
} from '../../../src/platforms/standard/values.ts'

const table: { what: string; schema: TSchema; right: unknown[]; wrong: unknown[] }[] = [
  {
    what: 'an id is a trimmed text or a whole number',
    schema: Id,
    right: ['a', 'R 1', 'Straße/7', 'x'.repeat(200), 0, 7, Number.MAX_SAFE_INTEGER],
    wrong: [
      '',
      ' ',
      ' a',
      'a ',
      'a\nb',
      'a\0b',
      'x'.repeat(201),
      -1,
      1.5,
      2 ** 53,
      true,
      null,
      undefined,
      [],
      {}
    ]
  },
  {
    what: 'a text has at most 500 characters and nothing that a store cannot hold',
    schema: Text,
    right: ['', ' ', 'two\nlines', 'x'.repeat(500)],
    wrong: ['x'.repeat(501), 'a\0b', 1, true, null]
  },
  {
    what: 'a date exists',
    schema: LocalDate,
    right: ['2026-08-01', '2028-02-29', '2026-12-31'],
    wrong: [
      '2026-02-29',
      '2026-02-30',
      '2026-13-01',
      '2026-00-10',
      '2026-04-31',
      '2026-8-1',
      '01.08.2026',
      ''
    ]
  },
  {
    what: 'a time has hours and minutes',
    schema: LocalTime,
    right: ['00:00', '09:05', '15:00', '23:59'],
    wrong: ['24:00', '15:60', '9:05', '15:00:00', '3pm', '3:00 PM', '', 1500]
  },
  {
    what: 'an instant tells its zone',
    schema: Instant,
    right: [
      '2026-08-01T15:00:00Z',
      '2026-08-01T15:00:00.250Z',
      '2026-08-01T15:00:00+02:00',
      '2026-08-01T23:59:59.123456789-11:30'
    ],
    wrong: [
      '2026-08-01T15:00:00',
      '2026-08-01 15:00:00Z',
      '2026-08-01T15:00Z',
      '2026-08-01T24:00:00Z',
      '2026-08-01T15:00:60Z',
      '2026-02-30T15:00:00Z',
      '2026-08-01T15:00:00+0200',
      '2026-08-01T15:00:00+24:00',
      '2026-08-01T15:00:00[Europe/Berlin]',
      '2026-08-01',
      '',
      1777714200000
    ]
  },
  {
    what: 'a time zone is a name that the database knows, written as there',
    schema: TimeZone,
    right: [
      'Europe/Berlin',
      'UTC',
      'Asia/Kolkata',
      'America/Port-au-Prince',
      'America/Argentina/Buenos_Aires',
      'Etc/GMT+5'
    ],
    wrong: ['europe/berlin', 'Europe/Atlantis', 'Berlin', '+02:00', '+0200', 'GMT+2', '', 'Europe/', 2]
  },
  {
    what: 'a clock is an instant or milliseconds, never seconds',
    schema: Clock,
    right: ['2026-05-02T09:30:00Z', 1777714200000],
    wrong: ['1777714200000', 1777714200, 1777714200000000, 1777714200000.5, '2026-05-02', -1, null]
  }
]

for (const { what, schema, right, wrong } of table) {
  t.test(what, async t => {
    for (const value of right) t.ok(Value.Check(schema, value), `${JSON.stringify(value)} fits`)
    for (const value of wrong) t.notOk(Value.Check(schema, value), `${JSON.stringify(value)} does not fit`)
  })
}

t.test('both forms of a clock give the same milliseconds', async t => {
  t.equal(clockMs('2026-05-02T11:30:00.25+02:00'), 1777714200250)
  t.equal(clockMs(1777714200250), 1777714200250)
})
