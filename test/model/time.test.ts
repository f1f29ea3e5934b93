import fc from 'fast-check'
import t from 'tap'
import {
  type Instant,
  instantOf,
  isZoneName,
  seamInstant,
  usableTime,
  usableZone
} from '../../src/model/time.ts'

const nowhere = { timeZone: undefined, time: undefined }

function told(instant: Instant): string {
  return 'ms' in instant ? seamInstant(instant.ms) : instant.missing
}

t.test('an instant is what it says, in any notation', async t => {
  for (const instant of ['2027-03-12T15:00:00Z', '2027-03-12T16:00:00+01:00', '2027-03-12T10:00-05:00']) {
    t.equal(told(instantOf({ instant }, nowhere, 'check-in')), '2027-03-12T15:00:00Z')
  }
  for (const instant of ['', '2027-03-12T15:00:00', '2027-03-12', 'soon', '2027-02-30T00:00:00Z']) {
    t.equal(told(instantOf({ instant }, nowhere, 'check-in')), 'the check-in time cannot be read')
  }
})

t.test('what lies beyond the years that Seam takes is not readable', async t => {
  for (const instant of ['9999-12-31T23:59:59-12:00', '0000-01-01T00:00:00+01:00', '+010000-01-01T00:00:00Z'])
    t.equal(told(instantOf({ instant }, nowhere, 'check-out')), 'the check-out time cannot be read', instant)
  t.equal(told(instantOf({ instant: '9999-12-31T23:59:59Z' }, nowhere, 'check-out')), '9999-12-31T23:59:59Z')
  const late = { date: '9999-12-31', time: '23:00', timeZone: 'America/Denver' }
  t.equal(told(instantOf(late, nowhere, 'check-out')), 'the check-out date cannot be read')
})

t.test('a local date takes zone and hour from the moment itself, else from the rules', async t => {
  const rules = { timeZone: 'Europe/Berlin', time: '15:00' }
  t.equal(told(instantOf({ date: '2027-01-12' }, rules, 'check-in')), '2027-01-12T14:00:00Z')
  t.equal(told(instantOf({ date: '2027-01-12', time: '9:30' }, rules, 'check-in')), '2027-01-12T08:30:00Z')
  const moment = { date: '2027-01-12', time: '16:00:30', timeZone: 'America/New_York' }
  t.equal(told(instantOf(moment, nowhere, 'check-in')), '2027-01-12T21:00:30Z')
  const unusable = { date: '2027-01-12', time: '4 pm', timeZone: '+0200' }
  t.equal(
    told(instantOf(unusable, rules, 'check-in')),
    '2027-01-12T14:00:00Z',
    'what cannot be used is not told'
  )
})

t.test('a local date that comes with an instant is that one until a zone is known', async t => {
  const moment = { date: '2027-01-12', time: '17:30', orInstant: '2027-01-12T14:00:00Z' }
  t.equal(told(instantOf(moment, nowhere, 'check-in')), '2027-01-12T14:00:00Z')
  const rules = { timeZone: 'Europe/Berlin', time: '15:00' }
  t.equal(told(instantOf(moment, rules, 'check-in')), '2027-01-12T16:30:00Z')
})

t.test('what is missing is said, with the setting that helps', async t => {
  const date = { date: '2027-01-12' }
  t.match(told(instantOf(date, nowhere, 'check-in')), /time zone .* set time_zone/)
  const zone = { timeZone: 'Europe/Berlin', time: undefined }
  t.match(told(instantOf(date, zone, 'check-in')), /the check-in time is unknown; set check_in_time/)
  t.match(told(instantOf(date, zone, 'check-out')), /set check_out_time/)
  const rules = { ...zone, time: '10:00' }
  for (const bad of ['', '2027-02-30', '2027-1-1', 'tomorrow', '+999999-01-01']) {
    t.equal(told(instantOf({ date: bad }, rules, 'check-out')), 'the check-out date cannot be read')
  }
})

t.test(
  'where daylight saving leaves a gap the later time counts, where it doubles an hour the earlier',
  async t => {
    const at = (date: string, time: string, timeZone: string) =>
      told(instantOf({ date, time, timeZone }, nowhere, 'check-in'))
    t.equal(at('2027-03-28', '02:30', 'Europe/Berlin'), '2027-03-28T01:30:00Z')
    t.equal(at('2027-10-31', '02:30', 'Europe/Berlin'), '2027-10-31T00:30:00Z')
    t.equal(at('2027-03-14', '02:00', 'America/New_York'), '2027-03-14T07:00:00Z')
    t.equal(at('2027-11-07', '01:59', 'America/New_York'), '2027-11-07T05:59:00Z')
    t.equal(at('2027-10-03', '02:15', 'Australia/Lord_Howe'), '2027-10-02T15:45:00Z', 'half an hour')
    t.equal(at('2011-12-30', '12:00', 'Pacific/Apia'), '2011-12-30T22:00:00Z', 'a day that never was')
  }
)

t.test('in every zone, the instant shows the date and hour that were told, but for gaps', async t => {
  const zones = Intl.supportedValuesOf('timeZone')
  const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2037-12-31'), noInvalidDate: true })
  const hour = fc.integer({ min: 0, max: 23 })
  const property = fc.property(fc.constantFrom(...zones), day, hour, (timeZone, day, hour) => {
    const date = day.toISOString().slice(0, 10)
    const time = `${String(hour).padStart(2, '0')}:00`
    const instant = instantOf({ date, time, timeZone }, nowhere, 'check-in')
    if (!('ms' in instant)) throw new Error(instant.missing)
    const shown = wallClock(instant.ms, timeZone)
    const differMs = Date.parse(`${shown}Z`) - Date.parse(`${date}T${time}Z`)
    return differMs === 0 || (differMs > 0 && differMs <= 86_400_000 && isGap(instant.ms, timeZone))
  })
  fc.assert(property, { numRuns: 500 })
  t.pass()
})

/** What a clock on the wall shows. */
function wallClock(ms: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return format.format(ms).replace(' ', 'T')
}

function isGap(ms: number, timeZone: string): boolean {
  const offset = (at: number) => Date.parse(`${wallClock(at, timeZone)}Z`) - Math.floor(at / 60_000) * 60_000
  return offset(ms) > offset(ms - 86_400_000)
}

t.test('Seam’s notation has Z and seconds, in any year', async t => {
  t.equal(seamInstant(0), '1970-01-01T00:00:00Z')
  t.equal(seamInstant(1_799_000_000_999), '2027-01-03T18:13:20Z')
  t.equal(seamInstant(253_402_300_800_000), '+010000-01-01T00:00:00Z')
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), date => {
      return Math.floor(date.getTime() / 1000) * 1000 === Date.parse(seamInstant(date.getTime()))
    })
  )
})

t.test('zones are names of the IANA database', async t => {
  for (const zone of ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5']) {
    t.equal(usableZone(zone), zone)
    t.equal(usableZone(zone), zone, 'the second time too')
  }
  for (const [told, zone] of Object.entries({
    'europe/berlin': 'Europe/Berlin',
    'US/EASTERN': 'US/Eastern',
    'america/port-au-prince': 'America/Port-au-Prince',
    'Europe/KYIV': 'Europe/Kyiv'
  })) {
    t.equal(usableZone(told), zone, 'spelled as the database does')
    t.notOk(isZoneName(told))
    t.ok(isZoneName(zone))
  }
  for (const none of [
    undefined,
    null,
    '',
    '+02:00',
    '-0500',
    'Berlin',
    'Europe/Atlantis',
    '__proto__',
    ' UTC'
  ]) {
    t.equal(usableZone(none), undefined, String(none))
  }
  t.doesNotThrow(() => {
    for (let number = 0; number < 1_100; number += 1) usableZone(`No/Zone_${number}`)
  })
  t.equal(usableZone('Asia/Tokyo'), 'Asia/Tokyo', 'made-up names do not crowd out real ones')
  t.equal(usableZone('No/Zone_1099'), undefined)
})

t.test('hours are wall times of a day', async t => {
  const right = {
    '15:00': '15:00',
    '9:05': '09:05',
    ' 00:00 ': '00:00',
    '23:59:59': '23:59:59',
    '16:00:00': '16:00'
  }
  for (const [text, time] of Object.entries(right)) t.equal(usableTime(text), time)
  for (const none of [
    undefined,
    null,
    '',
    '24:00',
    '12:60',
    '12:00:60',
    '3 PM',
    '15',
    '15:0',
    '15:00Z',
    '-1:00',
    '١٥:٠٠'
  ]) {
    t.equal(usableTime(none), undefined, String(none))
  }
})
