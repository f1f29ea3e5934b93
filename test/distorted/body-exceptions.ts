import type { Case } from './body-story.ts'

interface Exception {
  /** Why it is right so, or left so. */
  because: string
  scene?: Case['scene']
  /** Of several that tell of one change, which; any unless told. */
  request?: number
  /** Every member unless told. */
  path?: RegExp
  /** Whether what says the same in another spelling is excepted too. */
  same: boolean
}

const noClock = 'an event that leaves its clock out counts from its receipt'
const exact = 'its events are in the relay’s own words, which are exact, and each tells the whole'
const anew = 'a change comes as a booking of its own, of which nothing is known before'
const onlyThere = 'only the event of the person tells how they are reached, unless they are read'

/** What a webhook may do if it is odd, by platform. All others must do nothing of the kind. */
const exceptions: Record<string, Exception[]> = {
  beds24: [{ because: 'a unit that cannot be read is none', path: /\.unitId$/, same: false }],
  calcom: [
    { because: anew, scene: 'changed', same: false },
    {
      because: 'what is no attendee keeps its place, so that nobody else is taken for the booker',
      path: /\.attendees$/,
      same: true
    }
  ],
  calendly: [{ because: anew, scene: 'changed', same: false }],
  custom: [
    { because: exact, scene: 'created', same: true },
    { because: exact, scene: 'changed', same: true },
    { because: noClock, scene: 'late', path: /\.occurred_at$/, same: false }
  ],
  hostify: [
    { because: 'the envelope is Amazon’s, and signed', path: /^\.(?!Message\$)/, same: true },
    { because: 'it is compared with the secret, whole', path: /\.auth\b/, same: true }
  ],
  lodgify: [{ because: 'two rooms of one type are let by the room', path: /\.room_types$/, same: true }],
  nexudus: [
    { because: onlyThere, scene: 'created', request: 0, same: false },
    { because: 'it is the id of the stay', path: /\.UniqueId$/, same: false },
    { because: 'it is the id of the booking, and the stay has another one', path: /\.Id$/, same: false },
    { because: 'a booking of no member is a block', path: /\.CoworkerId$/, same: false },
    { because: noClock, scene: 'late', path: /\.UpdatedOn$/, same: false }
  ],
  officernd: [
    { because: onlyThere, scene: 'created', request: 0, same: false },
    { because: 'without a member it is the company’s', path: /\.member$/, same: false },
    { because: 'the dates of a series are not told', path: /\.recurrence\b/, same: false }
  ],
  ownerrez: [
    { because: onlyThere, scene: 'created', request: 0, same: false },
    { because: 'whatever is no booking is a block', path: /\.type$/, same: false },
    { because: noClock, scene: 'late', path: /\.updated_utc$/, same: false }
  ],
  smoobu: [{ because: noClock, scene: 'late', path: /\.modifiedAt$/, same: false }],
  standard: [
    { because: exact, scene: 'created', same: true },
    { because: exact, scene: 'changed', same: true }
  ],
  uplisting: [{ because: noClock, scene: 'late', path: /\.timestamp$/, same: false }]
}

export function isExcepted(platform: string, { scene, request, distortion }: Required<Case>): boolean {
  return (exceptions[platform] ?? []).some(
    except =>
      (except.scene ?? scene) === scene &&
      (except.request ?? request) === request &&
      (except.path?.test(distortion.path) ?? true) &&
      (except.same || !distortion.same)
  )
}
