import { type Static, Type } from '@sinclair/typebox'
import { kindNames } from '../../model/kind.ts'
import { replayEffects } from '../../model/replay-plan.ts'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { deliveryFilter } from './deliveries.ts'
import { aJob, JobReport } from './jobs.ts'
import { action } from './operation.ts'
import { Count, Instant, orNull, query, reveal, Text, Words } from './parts.ts'

const MOST_IDS = 1_000

export const ids = Type.Array(Words('Id of a delivery.', 64), {
  minItems: 1,
  maxItems: MOST_IDS,
  description: 'Ids of deliveries.'
})

export const ReplayFilter = closed(
  'ReplayFilter',
  'Which deliveries; all given filters must match, and at least one must be given. Those in progress are left out, unless their ids or their state are given. With ids go connection, state, since and until.',
  { ...deliveryFilter, ids: Type.Optional(ids) }
)
export type ReplayFilter = Static<typeof ReplayFilter>

export const NewReplay = closed('NewReplay', 'What is to run again.', { filter: ReplayFilter })
export type NewReplay = Static<typeof NewReplay>

const PlannedChange = closed('PlannedChange', 'A resource that would not stay as it is.', {
  workspace: Text('Id of the workspace in the settings.'),
  customer_key: Text('Whose it is.'),
  kind: oneOf(kindNames, 'What it is.'),
  key: Text('Its key at Seam.'),
  booking: orNull(Text('The booking that it belongs to.')),
  effect: oneOf(
    replayEffects,
    'push, delete: this is sent to Seam. hold: nothing is sent, as something is missing. none: nothing is sent, as Seam does not have what is to be deleted.'
  ),
  reason: orNull(Text('Why it is held, or gone.')),
  fields: Type.Array(Type.String(), { description: 'Names of the fields that differ.' }),
  before: Type.Unknown({
    description: 'What Seam should hold by now, in the words of push_data, with people masked; null: nothing.'
  }),
  after: Type.Unknown({ description: 'What it would be to hold; null: nothing.' }),
  deliveries: Type.Array(Type.String(), {
    description:
      'Ids of the deliveries that are about it, newest first; the first 20. None if it only depends on what they say.'
  })
})
export type PlannedChange = Static<typeof PlannedChange>

const ReplayPlan = closed('ReplayPlan', 'What a replay would do, by what the store held at the time.', {
  at: Instant('When it was worked out. What comes later is not in it.'),
  deliveries: Count('How many would run again.'),
  more_deliveries: Type.Boolean({ description: 'Whether there are more; so many were counted.' }),
  too_old: Count(
    'How many of those that were counted cannot run again: their bodies are not kept any more, or not what was deleted since.'
  ),
  examined: Count('How many were looked at: the newest 2000.'),
  complete: Type.Boolean({
    description: 'Whether the changes are all there are: everything was looked at, and could be worked out.'
  }),
  unread: Count('Of how many the platform would have to be asked first, which a plan does not do.'),
  not_examined: Type.Array(
    closed('NotExamined', 'Deliveries of which it could not be worked out.', {
      reason: Text('Why.'),
      count: Count('How many.')
    }),
    { description: 'What could not be worked out.' }
  ),
  unchanged: Count('How many resources these deliveries speak of that would stay as they are.'),
  changes: Type.Array(PlannedChange, { description: 'What would not; the first 200.' }),
  more_changes: Type.Boolean({ description: 'Whether there are more than those.' })
})
export type ReplayPlan = Static<typeof ReplayPlan>

const body = {
  ...NewReplay,
  examples: [{ filter: { connection: 'lakeside', since: '2027-06-01T00:00:00Z' } }]
}

export const planReplay = action({
  operationId: 'planReplay',
  summary: 'Plan a replay',
  description:
    'What running stored deliveries again would change at Seam; nothing is changed, and no platform is asked. As a rule that is nothing: replaying is harmless. It differs where an adapter or the settings were changed since, or where something was lost.',
  querystring: query(reveal),
  body,
  status: 200,
  says: ReplayPlan,
  what: 'What would happen.',
  examples: {
    plan: {
      value: {
        at: '2027-06-20T08:15:30.000Z',
        deliveries: 412,
        more_deliveries: false,
        too_old: 0,
        examined: 412,
        complete: true,
        unread: 0,
        not_examined: [],
        unchanged: 390,
        changes: [
          {
            workspace: 'default',
            customer_key: 'lakeside-homes',
            kind: 'reservation',
            key: 'lakeside:48211',
            booking: 'lakeside:48211',
            effect: 'push',
            reason: null,
            fields: ['starts_at'],
            before: { reservation_key: 'lakeside:48211', starts_at: '2027-07-01T14:00:00Z' },
            after: { reservation_key: 'lakeside:48211', starts_at: '2027-07-01T15:00:00Z' },
            deliveries: ['0197e1a2b3c4000000a1b2c3d4']
          }
        ],
        more_changes: false
      }
    }
  }
})

export const startReplay = action({
  operationId: 'startReplay',
  summary: 'Replay deliveries',
  description:
    'Runs stored deliveries again: those that are there by now, newest first, a handful at a time and behind what comes in meanwhile. Versions decide, so what is newer stays.',
  body,
  status: 202,
  says: JobReport,
  what: 'It has begun; GET /api/v1/jobs/{id} says how far it has come.',
  examples: {
    job: { value: { ...aJob, total: null, done: 0, rate_per_second: null, estimated_end_at: null } }
  }
})
