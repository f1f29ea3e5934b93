import t from 'tap'
import type { OperatorClient } from '../../src/cli/operator/client.ts'
import { deskOf } from '../../src/cli/operator/desk.ts'
import { followJob } from '../../src/cli/operator/follow-job.ts'
import type { JobReport } from '../../src/operate/schemas/jobs.ts'
import { operatorTerminal, type TerminalOptions } from './operator-terminal.ts'

const NOW = Date.UTC(2027, 0, 10, 12)

const job: JobReport = {
  id: 'j1',
  kind: 'replay',
  state: 'running',
  total: null,
  done: 0,
  filter: {},
  by: 'command line',
  created_at: new Date(NOW).toISOString(),
  ended_at: null,
  rate_per_second: null,
  estimated_end_at: null,
  error: null
}

const half: JobReport = {
  ...job,
  total: 1_200,
  done: 600,
  rate_per_second: 20,
  estimated_end_at: new Date(NOW + 30_000).toISOString()
}

const ended = (state: JobReport['state'], more: Partial<JobReport> = {}): JobReport => ({
  ...half,
  state,
  done: 1_200,
  ended_at: new Date(NOW + 60_000).toISOString(),
  estimated_end_at: null,
  ...more
})

/** Follows a job that goes so, and answers what was written. */
async function follow(
  answers: JobReport[],
  options: TerminalOptions & { json?: boolean; leave?: boolean } = {}
) {
  const terminal = operatorTerminal(options)
  let at = NOW
  const now = () => at
  const client: OperatorClient = {
    async ask<T>(): Promise<T> {
      at += 2_500
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      if (options.leave === true) terminal.signal()
      return answer as T
    },
    listen: () => Promise.reject(new TypeError('nobody listens')),
    turnsAway: async () => undefined,
    close: async () => undefined
  }
  const desk = deskOf({ terminal, platforms: {}, now, json: options.json }, client)
  const code = await followJob(desk, job, { terminal, now, everyMs: 1 })
  return { code, ...terminal.written }
}

t.test('a job is told of until its end, and piped no more often than every five seconds', async t => {
  const { code, out } = await follow([half, half, half, ended('done')])
  t.equal(code, 0)
  t.strictSame(out.split('\n'), [
    '0 done, being counted',
    '600 of 1,200 (50 %), 20.0/s, about 25 s left',
    'Done in 1 min: 1,200 of 1,200.',
    ''
  ])
})

t.test('on a terminal one line is drawn again and again', async t => {
  const { out } = await follow([half, ended('done')], { columns: 80 })
  t.equal(
    out,
    '\r\u001b[2K0 done, being counted\r\u001b[2K600 of 1,200 (50 %), 20.0/s, about 28 s left\r\u001b[2KDone in 1 min: 1,200 of 1,200.\n'
  )
})

t.test('whoever stops looking is told how to end it, and it runs on', async t => {
  const { code, out } = await follow([half], { leave: true })
  t.equal(code, 0)
  t.match(
    out,
    'Job j1 continues, 600 of 1,200 done; "seam-relay jobs" shows it, "seam-relay jobs cancel j1" ends it.'
  )
})

t.test('the exit code tells what did not come to a good end', async t => {
  t.match(await follow([ended('cancelled', { done: 700 })]), {
    code: 1,
    out: /Cancelled after 700 of 1,200\./
  })
  const failed = await follow([ended('failed', { error: 'the disk is full', total: 0, done: 0 })])
  t.match(failed, { code: 1, out: /Failed after 0 of 0: the disk is full/ })
  t.match(await follow([ended('failed')]), { out: /the log of the relay says why/ })
  t.match(await follow([ended('done', { ended_at: null })]), { code: 0, out: /Done: 1,200/ })
})

t.test('programs get the job as it ended, and nothing else', async t => {
  const { code, out, err } = await follow([half, ended('done')], { json: true, columns: 80 })
  t.equal(code, 0)
  t.match(JSON.parse(out), { id: 'j1', state: 'done' })
  t.match(err, 'being counted')
})
