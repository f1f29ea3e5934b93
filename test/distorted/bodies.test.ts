import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { heldReasons } from '../../src/model/held-reasons.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { runs } from '../engines.ts'
import { limitsOf } from '../platform-limits.ts'
import { isExcepted } from './body-exceptions.ts'
import { wasWrongOnce } from './body-once.ts'
import { type Case, type Outcome, openPlayer, type SeenStay, scenes } from './body-story.ts'

/** Of each scene, beside what was wrong once. */
const ordinary = 2

for (const platform of Object.values(platforms)) {
  for (const reads of platform.api === undefined ? [false] : [false, true]) {
    t.test(
      `${platform.title}${reads ? ', with its API' : ''}: whatever is odd in a webhook, no stay ends or comes back by it, and its guest stays the same`,
      { timeout: 600_000 },
      async t => {
        const player = await openPlayer(t, platform, reads)
        const chosen = scenes.flatMap(scene => thinned(platform.name, player.casesOf(scene)))
        const controls = scenes.map(scene => ({ scene, request: 0 }))
        const { outcomes, failures } = await player.play([...controls, ...chosen])
        t.strictSame(failures, [], 'no adapter fails')
        const [created, changed, late, cancelled] = outcomes as [Outcome, Outcome, Outcome, Outcome]
        if (Object.keys(changed.before).length === 0) return t.pass('nothing is told without its API')
        const byScene = { created, changed, late, cancelled }
        const wrong = chosen.flatMap((each, index) => {
          if (isExcepted(platform.name, each)) return []
          const outcome = outcomes[index + scenes.length] as Outcome
          const { path, how } = each.distortion
          return problemsOf(platform.name, each, outcome, byScene[each.scene]).map(
            problem => `${each.scene} ${each.request}${path} ${how}: ${problem} [${outcome.became}]`
          )
        })
        t.strictSame(wrong, [])
        t.comment(`${chosen.length} distorted webhooks`)
      }
    )
  }
}

function thinned(name: string, cases: Required<Case>[]): Required<Case>[] {
  const step = Math.max(1, Math.floor(cases.length / runs(ordinary)))
  return cases.filter((each, index) => index % step === step - 1 || wasWrongOnce(name, each))
}

type Stays = Record<string, SeenStay>

/** What must not come of a distorted webhook, in words. */
function problemsOf(name: string, each: Required<Case>, outcome: Outcome, control: Outcome): string[] {
  const { told, end, became } = outcome
  switch (each.scene) {
    case 'late':
      // Without a clock, and unread, what comes late is news.
      return isNone(control.told) && !isNone(told) ? ['the stay is back'] : []
    case 'cancelled': {
      const isSilent = became === 'translated' && !namesAnother(each)
      return [
        ...(isSilent && !isNone(told) ? ['the stay goes on, and nobody is told'] : []),
        ...(isDeepStrictEqual(end, control.end) ? [] : ['the end is another one'])
      ]
    }
    case 'created':
      return [
        ...(each.distortion.same ? another(told, control.told) : []),
        // Who was not told of is somebody else until they are.
        ...(isDeepStrictEqual(unnamed(end), unnamed(control.end)) ? [] : ['the end is another one'])
      ]
    case 'changed':
      return [
        ...(each.distortion.same ? another(told, control.told) : deviations(name, each, outcome, control)),
        ...(isDeepStrictEqual(end, control.end) ? [] : ['the end is another one'])
      ]
  }
}

function another(told: Stays, wanted: Stays): string[] {
  return isDeepStrictEqual(told, wanted) ? [] : ['another spelling says something else']
}

/** Each fact is as it was before, or as the webhook would have told it. */
function deviations(name: string, each: Required<Case>, outcome: Outcome, control: Outcome): string[] {
  const { told, held } = outcome
  if (Object.keys(told).length < Object.keys(control.told).length)
    return held.length > 0 && held.every(reason => mayHold(reason, each)) ? [] : ['the stay is gone']
  // What is told otherwise, or told to be none, is so.
  const saysSo = saysNone(each) || each.distortion.how === 'another word'
  const known = [...Object.values(control.before), ...Object.values(control.told)]
  const isKnown = (holds: (stay: SeenStay) => boolean) => known.some(holds)
  return Object.values(told).flatMap(stay => {
    const { guest } = stay
    const mayBeAnother = saysSo && (limitsOf(name).guestsBy !== 'id' || namesAnother(each))
    return [
      isKnown(each => isSameDay(each.starts, stay.starts)) ? [] : 'it starts on another day',
      isKnown(each => isSameDay(each.ends, stay.ends)) ? [] : 'it ends on another day',
      saysSo || isKnown(each => isDeepStrictEqual(each.places, stay.places)) ? [] : 'it is elsewhere',
      saysSo || isKnown(each => each.code === stay.code) ? [] : 'its code is another one',
      mayBeAnother || guest.same ? [] : 'its guest is another one',
      // Half of a name is still theirs.
      saysSo || isKnown(each => String(each.guest.name).includes(String(guest.name)))
        ? []
        : 'its guest has another name',
      saysSo || isKnown(each => each.guest.email === guest.email) ? [] : 'its guest has another e-mail',
      saysSo || isKnown(each => each.guest.phone === guest.phone) ? [] : 'its guest has another phone'
    ].flat()
  })
}

/** A stay without its days is held, and one whose room or guest is told to be none. */
function mayHold(reason: string, each: Required<Case>): boolean {
  const { noStart, noEnd, noRoom, noGuest } = heldReasons
  const reasons: string[] = saysNone(each) ? [noStart, noEnd, noRoom, noGuest] : [noStart, noEnd]
  return reasons.includes(reason)
}

function saysNone({ distortion }: Required<Case>): boolean {
  const { how, path } = distortion
  return ['null', '""', '[]'].includes(how) || (how === 'left out' && path.endsWith(']'))
}

/** Another word in the place of an id speaks of something else. */
function namesAnother({ distortion: { path, how } }: Required<Case>): boolean {
  return how === 'another word' && /(?:id|uri|ref)$/i.test(path)
}

/** Hours are those of the place where a booking tells none. */
function isSameDay(one: unknown, other: unknown): boolean {
  return Math.abs(Date.parse(String(one)) - Date.parse(String(other))) < 12 * 3_600_000
}

function isNone(stays: Stays): boolean {
  return Object.keys(stays).length === 0
}

function unnamed(stays: Stays): SeenStay[] {
  return Object.values(stays).map(stay => ({ ...stay, guest: { ...stay.guest, same: true } }))
}
