import type { Test } from 'tap'
import type { StaysChange } from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import type { Standing, Statuses } from '../../src/platforms/statuses.ts'
import { placesTold } from './contract-gone-place.ts'
import { defaultReceivedAt, type Outcome, outcomesOf } from './outcome.ts'
import { sampleBooking } from './sample-bookings.ts'

/** A confirmed booking of the samples, told with each word of the list, becomes what the list says; with another, nothing. */
export async function checkStatuses(t: Test, platform: Platform, connection: Connection): Promise<void> {
  const { statuses } = platform
  t.equal(statuses === undefined, platform.of !== undefined, 'told unless connections bring their own words')
  if (statuses === undefined) return
  const { member, standings, beside } = statuses
  t.equal(standings.size > 0, member !== undefined, 'words stand somewhere')
  t.ok(standings.size > 0 || beside, 'what decides instead of words is told')
  if (member === undefined) return
  for (const tentative of ['hold', 'push'] as const) {
    const theirs = { ...connection, tentative }
    for (const [word, standing] of standings) {
      const outcomes = await outcomesWith(word, platform, theirs, statuses)
      const told = outcomes.flatMap(({ translation }) => staysIn(translation))
      t.ok(told.length > 0, `${word} tells of the booking`)
      for (const change of told)
        t.equal(effectOf(change), effects(tentative)[standing], `${word} (${tentative})`)
      if (staysNowhere(standing)) t.strictSame(outcomes.flatMap(placesTold), [], `${word} tells no place`)
    }
    const strange = await outcomesWith('brand_new_word', platform, theirs, statuses)
    t.ok(
      strange.some(({ translation }) => 'drift' in translation && translation.drift === 'unknown_status'),
      'another word is drift'
    )
    t.strictSame(
      strange.flatMap(({ translation }) => staysIn(translation)),
      [],
      'and changes nothing'
    )
  }
}

type Effect = 'stays' | 'no stays' | 'cancelled'

function effects(tentative: Connection['tentative']): Record<Standing, Effect> {
  return {
    pushed: 'stays',
    'checked out': 'stays',
    tentative: tentative === 'push' ? 'stays' : 'no stays',
    inquiry: 'no stays',
    'owner stay': 'no stays',
    block: 'no stays',
    'no access': 'no stays',
    cancelled: 'cancelled'
  }
}

/** For good, as far as it tells: what is tentative waits for the host, and may yet stay in its place. */
function staysNowhere(standing: Standing): boolean {
  return !['pushed', 'checked out', 'tentative'].includes(standing)
}

function effectOf({ stays, cancelled }: StaysChange): Effect {
  if (stays.length > 0) return 'stays'
  return cancelled ? 'cancelled' : 'no stays'
}

function staysIn(translation: Outcome['translation']): StaysChange[] {
  return Array.isArray(translation) ? translation.filter(change => change.change === 'stays') : []
}

/** What the last request says: before a booking there may be a hold, which has no part in this. */
async function outcomesWith(
  word: string,
  platform: Platform,
  connection: Connection,
  statuses: Statuses
): Promise<Outcome[]> {
  const context = { connection, now: defaultReceivedAt, serial: 1 }
  const last = platform.samples.tell(undefined, sampleBooking(), context).at(-1)
  return last === undefined ? [] : outcomesOf(platform, connection, saying(word, last, statuses))
}

/** The sample with that word wherever its request, or what the API knows, tells a listed one in the status's place. */
function saying(word: string, sample: SampleDelivery, { member = '', standings }: Statuses): SampleDelivery {
  const name = member.split('.').at(-1)
  const replaced = (text: string): string =>
    JSON.stringify(JSON.parse(text), (key, value) => (key === name && standings.has(value) ? word : value))
  const { world } = sample
  return {
    ...sample,
    body: replaced(sample.body),
    ...(world !== undefined && { world: JSON.parse(replaced(JSON.stringify(world))) })
  }
}
