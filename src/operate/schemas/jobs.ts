import { type Static, Type } from '@sinclair/typebox'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { action, question } from './operation.ts'
import { Count, Instant, orNull, Param, page, paging, query, reveal, Text } from './parts.ts'

export const JobReport = closed('Job', 'Long work that somebody asked for, and how far it has come.', {
  id: Text('Id of the job.'),
  kind: oneOf(['replay', 'revive'], 'replay: deliveries run again. revive: dead letters get another try.'),
  state: oneOf(
    ['running', 'done', 'cancelled', 'failed'],
    'cancelled: nothing follows; what was begun, at most some hundred, comes to its end.'
  ),
  total: orNull(Count('How much there is to be done; null while it is counted.')),
  done: Count(
    'How much of it has come to its end, however that was. A job may be over with less than it counted, where others were quicker.'
  ),
  filter: Type.Record(Type.String(), Type.Unknown(), { description: 'What it takes, as it was asked for.' }),
  by: Text('Name of the key of whoever asked for it.'),
  created_at: Instant('When it was asked for. What came later is not the job’s.'),
  ended_at: orNull(Instant('When it was over.')),
  rate_per_second: orNull(Type.Number({ description: 'How fast it went so far; null before it has begun.' })),
  estimated_end_at: orNull(Instant('When it is over at that rate; null where it is not known.')),
  error: orNull(Text('Why it failed.'))
})
export type JobReport = Static<typeof JobReport>

export const aJob: JobReport = {
  id: '0197e1a2b3c4000000a1b2c3d4',
  kind: 'replay',
  state: 'running',
  total: 12_400,
  done: 3_100,
  filter: { connection: 'lakeside', since: '2027-06-01T00:00:00.000Z' },
  by: 'on call',
  created_at: '2027-06-20T08:15:30.000Z',
  ended_at: null,
  rate_per_second: 310,
  estimated_end_at: '2027-06-20T08:16:10.000Z',
  error: null
}

const params = Type.Object({ id: Param('Id of the job.', aJob.id) })

export const listJobs = question({
  operationId: 'listJobs',
  summary: 'List jobs',
  description:
    'Replays and revivals, newest first. Those that are over are kept for as long as RELAY_KEEP_HISTORY_DAYS says.',
  querystring: query({ ...paging, ...reveal }),
  says: page('JobPage', 'Jobs, newest first.', JobReport),
  what: 'A page.',
  examples: { page: { value: { data: [aJob], next_cursor: null } } }
})

export const readJob = question({
  operationId: 'readJob',
  summary: 'Read a job',
  description: 'How far it has come; to be asked again every second or so while it runs.',
  params,
  querystring: query(reveal),
  says: JobReport,
  what: 'How far it has come.',
  examples: { running: { value: aJob } }
})

export const cancelJob = action({
  operationId: 'cancelJob',
  summary: 'Cancel a job',
  description:
    'Nothing more of it is begun from now on. What was begun comes to its end; what is done stays done. Of one that is over, nothing changes.',
  params,
  status: 200,
  says: JobReport,
  what: 'It is over.',
  examples: {
    cancelled: {
      value: {
        ...aJob,
        state: 'cancelled',
        ended_at: '2027-06-20T08:15:40.000Z',
        estimated_end_at: null
      }
    }
  }
})
