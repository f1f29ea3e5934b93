import t from 'tap'
import { heldReasons } from '../../src/model/held-reasons.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { Entry } from '../../src/seam/contract.ts'
import { runs } from '../engines.ts'
import { limitsOf } from '../platform-limits.ts'
import { type Case, type Held, type Outcome, openAccounts } from './answer-accounts.ts'
import { type Distortion, distortionsOf, nameOf } from './answer-distortions.ts'
import { stories } from './answer-lives.ts'

// A booking is told and at Seam. Then an ordinary webhook comes, for which the API answers oddly in one respect: with a member left out or
// in another type, or with something else than an answer, once or for as long as it is asked. Then it is well again.

const whatIsRead = Object.values(platforms).filter(({ hydration }) => hydration !== undefined)

/** Where adapters have gone wrong before: always tried. Of all else a few are, evenly spread, and as many more as RUNS says. */
const wentWrong = [
  /^changed: .*: answer once 404$/,
  /^changed: .*zone\w* null$/i,
  /^late: .*(?:cancel|status|state)\w* null$/i,
  /^made: .*: spelling with all numbers/
]
const OTHERS = 4
const MOST_WENT_WRONG = 20

/** What an odd answer may lead to at a platform, and why. */
const exceptions: Record<string, { at: RegExp; because: string }[]> = {
  acuity: [{ at: /\bcanceled empty$/, because: 'an empty text is how some write a no' }],
  cloudbeds: [
    { at: /^\w+: .*data\.assigned(?:\.0)? /, because: 'a reservation that lists no rooms has no stay' },
    { at: /\.subReservationID /, because: 'a room without a sub-reservation is told apart by its row' },
    { at: /^made: .*guestList/, because: 'who was known by the e-mail first is still the same guest' }
  ],
  hospitable: [
    { at: /^made: .*guest\.id /, because: 'who was known by the e-mail first is still the same guest' }
  ],
  hostfully: [
    {
      at: /^(?:changed|moved): .*guestInformation null$/,
      because: 'null says that nobody is named'
    }
  ],
  mews: [
    {
      at: /\.State in (?:upper|lower) case$/,
      because: 'its words are documented in one case, and any other is not known'
    }
  ]
}

interface NamedCase extends Case {
  name: string
  distortion: Distortion
}

for (const platform of whatIsRead) {
  t.test(
    `${platform.title}: an odd answer ends no stay, and leaves nothing behind`,
    { timeout: 600_000 },
    async t => {
      const others = runs(OTHERS)
      const size = stories.length + MOST_WENT_WRONG + others
      const { play, mistakes } = await openAccounts(t, platform, size)
      const plain = await play(stories.map(story => ({ story })))
      const wellOf = ({ story }: Case) => plain[stories.indexOf(story)] as Outcome
      const words = new Set([...(platform.statuses?.standings.keys() ?? [])].map(String))
      const everything = stories.flatMap(story =>
        [...wellOf({ story }).asked].flatMap(([question, answer]) =>
          distortionsOf(question, answer, words).map(
            (distortion): NamedCase => ({ story, distortion, name: `${story}: ${nameOf(distortion)}` })
          )
        )
      )
      const cases = chosenOf(everything, others)
      const outcomes = await play(cases)
      const context = {
        // Of a booking that is over nothing else is read.
        ofBookings: new Set(wellOf({ story: 'late' }).asked.keys()),
        guestsBy: limitsOf(platform.name).guestsBy
      }
      const troubles = cases.flatMap((each, index) => {
        const trouble = troubleOf(each, outcomes[index] as Outcome, wellOf(each), context)
        const isExcepted = exceptions[platform.name]?.some(({ at }) => at.test(each.name))
        return trouble === undefined || isExcepted ? [] : [`${each.name}: ${trouble}`]
      })
      t.strictSame(troubles, [])
      t.strictSame(mistakes(), [])
    }
  )
}

function chosenOf(cases: NamedCase[], others: number): NamedCase[] {
  const always = cases.filter(({ name }) => wentWrong.some(each => each.test(name)))
  const rest = cases.filter(each => !always.includes(each))
  return [...always.slice(0, MOST_WENT_WRONG), ...spread(rest, others)]
}

/** So many of them, evenly spread. */
function spread<T>(list: T[], size: number): T[] {
  const apart = Math.max(list.length / size, 1)
  const indexes = Array.from({ length: Math.min(size, list.length) }, (_, index) => Math.floor(index * apart))
  return indexes.map(index => list[index] as T)
}

/** What an odd answer led to that it must not; undefined where nothing is wrong. */
function troubleOf(
  { story, distortion }: NamedCase,
  { before, during, after }: Outcome,
  well: Outcome,
  { ofBookings, guestsBy }: { ofBookings: Set<string>; guestsBy: string }
): string | undefined {
  if (story === 'late' && during.stay !== undefined) return 'the cancelled booking is back'
  // A booking that is over says nothing of its room.
  if (story === 'late' || story === 'ended')
    return after.stay && 'the booking is not over after the next webhook'
  const left = difference(after.resources, well.after.resources)
  if (left !== undefined) return `after the next webhook there is still ${left}`
  const other = difference(during.resources, well.during.resources)
  if (other !== undefined && saysTheSame(distortion)) return `there is ${other}`
  if (story === 'made') return undefined
  if (zonesIn(before).some(([key, zone]) => new Map(zonesIn(during)).get(key) !== zone))
    return 'the place has another time zone'
  if (during.stay === undefined)
    return mayEnd(distortion, during, ofBookings) ? undefined : `the stay is gone: ${during.held}`
  const keepsKey = well.during.stay === well.before.stay
  if (keepsKey && during.stay !== before.stay) return 'the stay has another key'
  // Where no id tells guests apart, who has no e-mail is somebody else.
  if (guestsBy !== 'id' && /e-?mail/i.test(distortion.member)) return undefined
  if (stayIn(during).guest_key !== stayIn(before).guest_key) return 'the stay has another guest'
  const isThem = isToldOf(guestIn(during), [guestIn(before), guestIn(well.during)])
  return isThem ? undefined : 'the guest is another person'
}

/** Passing trouble, and another spelling, change nothing. */
function saysTheSame({ kind, as }: Distortion): boolean {
  const passes = ['404 with a page', '500', '200 with null', '200 with a page']
  return kind === 'spelling' || (kind === 'answer once' && passes.includes(as))
}

/** Whether the answer says itself that the booking is gone, or has no room or no dates any more. */
function mayEnd({ kind, question, as }: Distortion, { held }: Held, ofBookings: Set<string>): boolean {
  const { noRoom, noStart, noEnd } = heldReasons
  if (kind === 'member') return [noRoom, noStart, noEnd].some(reason => reason === held)
  return kind === 'answer' && as === '404' && ofBookings.has(question)
}

/** Whether all that is told of a guest is true of them, now or before; less may be told. */
function isToldOf(guest: Entry, truth: Entry[]): boolean {
  const wordsOf = (person: Entry) => Object.values(person).flatMap(value => String(value).split(' '))
  const known = new Set(truth.flatMap(wordsOf))
  return wordsOf(guest).every(word => known.has(word))
}

function stayIn({ resources }: Held): Entry {
  return resources.reservations?.[0] ?? {}
}

function guestIn({ resources }: Held): Entry {
  return resources.guests?.[0] ?? {}
}

function zonesIn({ resources: { spaces = [] } }: Held): [key: unknown, zone: unknown][] {
  return spaces.map(space => [space.space_key, (space.customer_data as Entry | undefined)?.time_zone])
}

/** The first member that is not the same, with what is there and what should be; undefined where all are. */
function difference(is: unknown, should: unknown, at = ''): string | undefined {
  if (!isObject(is) || !isObject(should))
    return is === should ? undefined : `${at} ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`
  for (const name of new Set([...Object.keys(is), ...Object.keys(should)])) {
    const inside = difference(is[name], should[name], `${at}/${name}`)
    if (inside !== undefined) return inside
  }
  return undefined
}

function isObject(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null
}
