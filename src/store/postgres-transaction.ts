import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { isRefusal } from './postgres-pool.ts'

/** The statements of one write, and how many rows they must touch together. */
export interface Step {
  statements: pg.QueryConfig[]
  expect: number | undefined
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

async function runOn(client: pg.PoolClient, begin: string, steps: Step[]): Promise<Answered> {
  const isGuarded = steps.some(step => step.expect !== undefined)
  const asked = together(client, () => [
    client.query(begin),
    ...steps.flatMap(step => step.statements.map(each => client.query(each))),
    // After a statement that failed the server takes this for a rollback.
    ...(isGuarded ? [] : [client.query('commit')])
  ])
  const answers = await Promise.allSettled(asked)
  const began = valueIn(answers[0])
  if (!isGuarded) valueIn(answers.at(-1))
  try {
    const results = began && conclude(steps, answers.slice(1))
    if (isGuarded) await client.query(results === undefined ? 'rollback' : 'commit')
    return results
  } catch (error) {
    if (isGuarded && isRefusal(error)) await client.query('rollback')
    throw error
  }
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
