import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { isRefusal } from './postgres-pool.ts'
import type { Write } from './write.ts'

/** The statements of one write, and how many rows they must touch together. */
export interface Step {
  statements: pg.QueryConfig[]
  expect: number | undefined
  /** As {@link Write.harmless} tells. */
  harmless: boolean
}

/** What each step's statements answered; undefined where an expectation did not hold, and nothing of it counts. */
export type Answered = pg.QueryResult[][] | undefined

/**
 * Runs steps as one transaction. They are sent without waiting for each other's answers, so that a lane is in hand for two
 * ways there and back at most, however many statements there are.
 * @throws what the server or the connection said: then nothing of it counts, unless the connection broke at the very end
 */
export async function transaction(pool: pg.Pool, begin: string, steps: Step[]): Promise<Answered> {
  const client = await pool.connect()
  const running = runOn(client, begin, steps)
  await running.then(
    () => client.release(),
    error => client.release(isRefusal(error) ? undefined : error)
  )
  return running
}

/**
 * A server that is told to break off what it does, by a time-out or by whoever runs it, may break off the very beginning. What
 * was sent behind that is no transaction then: each statement counts for itself. So what rests upon expectations is sent once
 * the server has said that it began. The harmless ones at the front, of lanes above all, go with the beginning, and so does
 * what is all of its commit.
 */
async function runOn(client: pg.PoolClient, begin: string, steps: Step[]): Promise<Answered> {
  if (!isGuarded(steps)) return ask(client, steps, { before: begin, after: 'commit' })
  const firstOfRest = steps.findIndex(step => !step.harmless && steps.length > 1)
  const [early, rest] =
    firstOfRest === -1 ? [steps, []] : [steps.slice(0, firstOfRest), steps.slice(firstOfRest)]
  const held = await orRollBack(client, ask(client, early, { before: begin }))
  const done = held && (await finish(client, rest))
  return held && done && [...held, ...done]
}

/** What is left of a transaction that has begun. */
async function finish(client: pg.PoolClient, rest: Step[]): Promise<Answered> {
  if (!isGuarded(rest)) return ask(client, rest, { after: 'commit' })
  const results = await orRollBack(client, ask(client, rest))
  if (results !== undefined) await client.query('commit')
  return results
}

async function orRollBack(client: pg.PoolClient, asked: Promise<Answered>): Promise<Answered> {
  const results = await asked.catch(async error => {
    if (isRefusal(error)) await client.query('rollback')
    throw error
  })
  if (results === undefined) await client.query('rollback')
  return results
}

function isGuarded(steps: Step[]): boolean {
  return steps.some(step => step.expect !== undefined)
}

/** @param around what goes with the steps; after a statement that failed the server takes a commit for a rollback */
async function ask(
  client: pg.PoolClient,
  steps: Step[],
  { before, after }: { before?: string; after?: string } = {}
): Promise<Answered> {
  const statements = steps.flatMap(step => step.statements)
  const all = [before, ...statements, after].filter(each => each !== undefined)
  const answers = await Promise.allSettled(together(client, () => all.map(each => client.query(each))))
  if (before !== undefined) valueIn(answers.shift())
  if (after !== undefined) valueIn(answers.pop())
  return conclude(steps, answers)
}

/** Hands all statements to the system at once: a write for each costs a quarter of the event loop's time. */
function together<T>(client: pg.PoolClient, ask: () => T): T {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection
  stream.cork()
  try {
    return ask()
  } finally {
    stream.uncork()
  }
}

/** Looks through the answers in order: what comes after the first that is not as it should be means nothing. */
function conclude(steps: Step[], answers: PromiseSettledResult<pg.QueryResult>[]): Answered {
  const results: pg.QueryResult[][] = []
  let next = 0
  for (const { statements, expect } of steps) {
    const ofStep = answers.slice(next, next + statements.length).map(valueIn)
    next += statements.length
    if (expect !== undefined && changesOf(ofStep) !== expect) return undefined
    results.push(ofStep)
  }
  return results
}

function valueIn(answer: PromiseSettledResult<pg.QueryResult> | undefined): pg.QueryResult {
  if (answer?.status === 'fulfilled') return answer.value
  throw answer?.reason
}

export function changesOf(results: pg.QueryResult[]): number {
  return results.reduce((sum, each) => sum + (each.rowCount ?? 0), 0)
}
