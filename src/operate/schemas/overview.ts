import { type Static, Type } from '@sinclair/typebox'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { spans } from './counts.ts'
import { question } from './operation.ts'
import { Count, Instant, orNull, query } from './parts.ts'

const counted = ' Counted up to 100000.'

const StageReport = closed('StageReport', 'Work of one stage.', {
  due: Count(`What may go on now, or is in hand.${counted}`),
  scheduled: Count(
    `What waits for its time: a quiet window, a back-off, a platform or Seam that asked to wait.${counted}`
  ),
  due_since: orNull(Instant('Since when the oldest that is due has been so; null where nothing is.')),
  stuck: Type.Boolean({
    description:
      'Whether the oldest that is due has been so for more than two minutes, and something keeps it.'
  })
})

const Rate = (description: string) => Type.Number({ minimum: 0, description })

const DrainReport = closed(
  'DrainReport',
  'How fast the deliveries that wait, due or scheduled, become less; null where fewer than 100 do.',
  {
    per_second: Rate('Deliveries that came to their end within the last minute.'),
    arriving_per_second: Rate('Deliveries that came within the last minute.'),
    estimated_end_at: orNull(
      Instant('When none waits any more, if it goes on like this; null where they do not become less.')
    )
  }
)
export type DrainReport = Static<typeof DrainReport>

export const BacklogReport = closed('BacklogReport', 'What is still to be done.', {
  at: Instant('When this was so.'),
  translate: StageReport,
  drain: orNull(DrainReport),
  sync: StageReport,
  places: StageReport,
  paused: closed('PausedReport', 'What would go on if it were not paused; neither due nor scheduled.', {
    translate: Count(`Deliveries of connections.${counted}`),
    sync: Count(`Customers with something to be sent.${counted}`),
    places: Count(`Places of connections.${counted}`)
  }),
  unsent_since: orNull(
    Instant('When the oldest delivery came whose changes Seam has not agreed to; null where there is none.')
  ),
  held: closed('HeldReport', 'What waits for something that is missing.', {
    deliveries: Count(`Deliveries that wait for a setting.${counted}`),
    stays: Count(`Stays that wait for a place, a zone or a time.${counted}`)
  }),
  dead: closed('DeadReport', 'What does not go on by itself.', {
    deliveries: Count(`Deliveries that could not be used.${counted}`),
    resources: Count(`Resources that Seam refused.${counted}`)
  }),
  arrivals: closed(
    'ArrivalReport',
    'Stays that begin, or have begun, within 24 hours and are not at Seam as they should be.',
    {
      pending: Count('On their way.'),
      refused: Count('Refused by Seam.'),
      held: Count('Held.')
    }
  )
})
export type BacklogReport = Static<typeof BacklogReport>

export const readBacklog = question({
  operationId: 'readBacklog',
  summary: 'Ask whether anything is stuck',
  description:
    'What is still to be done, stage by stage, and what does not go on by itself. Nothing here is of people.',
  says: BacklogReport,
  what: 'What is to be done.',
  examples: {
    quiet: {
      value: {
        at: '2027-06-20T08:15:30.000Z',
        translate: { due: 0, scheduled: 0, due_since: null, stuck: false },
        drain: null,
        sync: { due: 1, scheduled: 2, due_since: '2027-06-20T08:15:29.000Z', stuck: false },
        places: { due: 0, scheduled: 0, due_since: null, stuck: false },
        paused: { translate: 0, sync: 0, places: 0 },
        unsent_since: '2027-06-20T08:15:28.000Z',
        held: { deliveries: 0, stays: 1 },
        dead: { deliveries: 0, resources: 0 },
        arrivals: { pending: 1, refused: 0, held: 0 }
      }
    }
  }
})

const Percentiles = {
  p50_ms: orNull(Count('Half of them took no longer, ms.')),
  p95_ms: orNull(Count('95 of 100 took no longer, ms.')),
  p99_ms: orNull(Count('99 of 100 took no longer, ms.'))
}

export const PerformanceReport = closed('PerformanceReport', 'How well calls to Seam go.', {
  over: oneOf(spans, 'Over which time.'),
  complete: Type.Boolean({
    description: 'Whether all calls of that time were looked at; else the newest 5000.'
  }),
  first_attempts: Count('Calls that were no repeat of one that had failed.'),
  first_attempts_taken: Count('Those of them that Seam took.'),
  retries: Count('Calls that repeated one that had failed.'),
  seam: closed('CallPercentiles', 'How long Seam took.', {
    count: Count('Calls that were looked at.'),
    ...Percentiles
  }),
  end_to_end: closed(
    'EndToEndPercentiles',
    'From the receipt of a webhook until Seam had the stay that it was about.',
    {
      count: Count('Stays that were looked at: what the newest 500 calls carried.'),
      ...Percentiles
    }
  )
})
export type PerformanceReport = Static<typeof PerformanceReport>

export const readPerformance = question({
  operationId: 'readPerformance',
  summary: 'Ask how well calls to Seam go',
  description:
    'How many calls succeed at once, how long Seam takes, and how long it is from a webhook to Seam. GET /metrics has the same for Prometheus, since the start of a process.',
  querystring: query({ over: Type.Optional(oneOf(spans, 'Over which time; 1h by default.')) }),
  says: PerformanceReport,
  what: 'How well.',
  examples: {
    hour: {
      value: {
        over: '1h',
        complete: true,
        first_attempts: 118,
        first_attempts_taken: 117,
        retries: 1,
        seam: { count: 119, p50_ms: 180, p95_ms: 420, p99_ms: 900 },
        end_to_end: { count: 240, p50_ms: 1400, p95_ms: 2300, p99_ms: 5200 }
      }
    }
  }
})
